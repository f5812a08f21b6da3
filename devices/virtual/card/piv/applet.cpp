// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/piv/applet.h"

#include <array>
#include <string_view>

#include "devices/virtual/card/base/identity.h"

namespace countersign::virtual_card::piv {
namespace {

using std::chrono_literals::operator""s;

constexpr std::array<Byte, 11> application{0xa0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                           0x00, 0x10, 0x00, 0x01, 0x00};
constexpr auto touch_lasts = 15s;  // policy "cached"

}  // namespace

BytesView PivApplet::aid() const { return application; }

// SP 800-73-4 Part 2 table 3.
Response PivApplet::select() {
  session_ = Session{};
  const BytesView whole(application);
  const Bytes authority = tlv::item(0x4f, whole.first(5));
  return tlv::item(0x61, tlv::join({tlv::item(0x4f, whole.subspan(5)), tlv::item(0x79, authority),
                                    tlv::item(0x50, as_bytes(identity::product))}));
}

bool PivApplet::wants_touch(const Command& command, Moment now) const {
  if (command.ins != 0x87) return false;
  if (command.p2 == slot::management_key) {
    const auto items = tlv::read_inside(
        command.data, 0x7c);  // the second step, which proves that the host has the key
    return state_.management.touch && items && !session_.management &&
           (!session_.witness.empty() || !session_.challenge.empty());
  }
  const auto held = state_.slots.find(command.p2);
  if (held == state_.slots.end() || !may_use(command.p2, held->second)) return false;
  switch (held->second.touch) {
    case TouchPolicy::never:
      return false;
    case TouchPolicy::always:
      return true;
    case TouchPolicy::cached:
      return !session_.touched_at || now - *session_.touched_at > touch_lasts;
  }
  return true;
}

Response PivApplet::handle(const Command& command, Moment) {
  if (const Response answer = standard(command);
      answer.status != StatusWord::wrong_instruction || !rules_.yubikey)
    return answer;
  return yubico(command);
}

Response PivApplet::standard(const Command& command) {
  switch (command.ins) {
    case 0x20:
      return verify(command);
    case 0x24:
      return change_reference_data(command);
    case 0x2c:
      return reset_retry_counter(command);
    case 0x47:
      return generate(command);
    case 0x87:
      return general_authenticate(command);
    case 0xcb:
      return get_data(command);
    case 0xdb:
      return put_data(command);
    default:
      return StatusWord::wrong_instruction;
  }
}

Response PivApplet::yubico(const Command& command) {
  switch (command.ins) {
    case 0xf6:
      return move(command);
    case 0xf7:
      return metadata(command);
    case 0xf8:
      return Bytes{static_cast<Byte>(serial_ >> 24U), static_cast<Byte>(serial_ >> 16U & 0xffU),
                   static_cast<Byte>(serial_ >> 8U & 0xffU), static_cast<Byte>(serial_ & 0xffU)};
    case 0xf9:
      return attest(command);
    case 0xfa:
      return set_retries(command);
    case 0xfb:
      return reset_all();
    case 0xfd:
      return Bytes(identity::dialect.begin(), identity::dialect.end());
    case 0xfe:
      return import(command);
    case 0xff:
      return set_management_key(command);
    default:
      return StatusWord::wrong_instruction;
  }
}

}  // namespace countersign::virtual_card::piv
