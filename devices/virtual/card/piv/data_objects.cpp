// SPDX-License-Identifier: Apache-2.0
// Data objects (SP 800-73-4 Part 2 §3.1.2 and §3.3.2; Part 1 table 2 says who may read which).
#include <algorithm>
#include <array>

#include "devices/virtual/card/piv/applet.h"

namespace countersign::virtual_card::piv {
namespace {

constexpr std::array needs_pin{object::fingerprints, object::face, object::printed, object::iris};
constexpr std::array free_without_contact{object::chuid, object::card_authentication,
                                          object::discovery};

bool is_known(std::uint32_t tag, bool yubikey) {
  if (tag >= object::card_authentication && tag <= object::last) return true;
  return yubikey && tag >= object::yubico_admin && tag <= object::last_yubico;
}

// Part 1 §3.3.2: the application, and that the PIV card application's own PIN alone satisfies PIV
// access rules.
Bytes discovery_object(BytesView aid) {
  return tlv::item(object::discovery,
                   tlv::join({tlv::item(0x4f, aid), tlv::item(0x5f2f, {0x40, 0x00})}));
}

std::optional<std::uint32_t> tag_of(BytesView value) {
  if (value.empty() || value.size() > 3) return std::nullopt;
  std::uint32_t tag = 0;
  for (const Byte octet : value) tag = tag << 8U | octet;
  return tag;
}

}  // namespace

Response PivApplet::get_data(const Command& command) const {
  if (command.parameters() != 0x3fff) return StatusWord::wrong_parameters;
  const auto items = tlv::read(command.data);
  const auto list = items ? tlv::find(*items, 0x5c) : std::nullopt;
  const auto tag = list ? tag_of(*list) : std::nullopt;
  if (!tag) return StatusWord::wrong_data;
  if (rules_.contactless &&
      std::ranges::find(free_without_contact, *tag) == free_without_contact.end())
    return StatusWord::security_status;
  if (*tag == object::discovery) return discovery_object(aid());
  if (std::ranges::find(needs_pin, *tag) != needs_pin.end() && !session_.pin)
    return StatusWord::security_status;
  const auto held = state_.objects.find(*tag);
  if (held == state_.objects.end()) return StatusWord::not_found;
  return tlv::item(0x53, held->second);
}

// An empty 53 removes the object.
Response PivApplet::put_data(const Command& command) {
  if (command.parameters() != 0x3fff) return StatusWord::wrong_parameters;
  if (!session_.management || rules_.contactless) return StatusWord::security_status;
  const auto items = tlv::read(command.data);
  const auto list = items ? tlv::find(*items, 0x5c) : std::nullopt;
  const auto content = items ? tlv::find(*items, 0x53) : std::nullopt;
  const auto tag = list ? tag_of(*list) : std::nullopt;
  if (!tag || !content) return StatusWord::wrong_data;
  if (!is_known(*tag, rules_.yubikey)) return StatusWord::not_supported;
  if (content->size() > largest_object) return StatusWord::no_space;
  if (content->empty())
    state_.objects.erase(*tag);
  else
    state_.objects[*tag] = Bytes(content->begin(), content->end());
  changed();
  return StatusWord::ok;
}

}  // namespace countersign::virtual_card::piv
