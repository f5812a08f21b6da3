// SPDX-License-Identifier: Apache-2.0
// Keys are made, brought in, moved and deleted (SP 800-73-4 Part 2 §3.3.2, and YubiKey's IMPORT and
// MOVE).
#include "devices/virtual/card/piv/applet.h"

namespace countersign::virtual_card::piv {
namespace {

constexpr std::uint32_t pin_policy_tag = 0xaa, touch_policy_tag = 0xab;

bool standard_type(KeyType type) { return type == KeyType::rsa2048 || is_ec(type); }

PinPolicy usual_policy(Byte number) {
  if (number == slot::signature) return PinPolicy::always;
  return number == slot::card_authentication || number == slot::attestation ? PinPolicy::never
                                                                            : PinPolicy::once;
}

Result<CardKey> imported(KeyType type, const std::vector<tlv::Item>& items) {
  const auto at = [&](std::uint32_t tag) { return tlv::find(items, tag).value_or(BytesView{}); };
  if (is_rsa(type))
    return CardKey::from_primes(type, at(1), at(2));  // dp, dq and qinv follow from them
  return CardKey::from_scalar(type, at(is_ec(type) ? 6 : type == KeyType::ed25519 ? 7 : 8));
}

}  // namespace

Bytes public_key_items(const CardKey& key) {
  if (is_rsa(key.type()))
    return tlv::join({tlv::item(0x81, key.modulus()), tlv::item(0x82, key.exponent())});
  return tlv::item(0x86, key.point());
}

// False: such a policy does not exist.
bool PivApplet::read_policies(const std::vector<tlv::Item>& items, Byte number,
                              SlotKey& slot) const {
  slot.pin = usual_policy(number);
  const auto pin = tlv::find(items, pin_policy_tag), touch = tlv::find(items, touch_policy_tag);
  if ((pin || touch) && !rules_.yubikey) return false;
  const auto in_range = [](const std::optional<BytesView>& value) {
    return !value || (value->size() == 1 && (*value)[0] <= 3);
  };
  if (!in_range(pin) || !in_range(touch)) return false;
  if (pin && (*pin)[0] != 0) slot.pin = static_cast<PinPolicy>((*pin)[0]);
  if (touch && (*touch)[0] != 0) slot.touch = static_cast<TouchPolicy>((*touch)[0]);
  return true;
}

Response PivApplet::generate(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_parameters;
  if (!session_.management || rules_.contactless) return StatusWord::security_status;
  if (!is_slot(command.p2)) return StatusWord::wrong_parameters;
  const auto items = tlv::read_inside(command.data, 0xac);
  const auto algorithm = items ? tlv::find(*items, 0x80) : std::nullopt;
  const auto type = algorithm && algorithm->size() == 1 ? key_type((*algorithm)[0]) : std::nullopt;
  if (!type || (!rules_.yubikey && !standard_type(*type))) return StatusWord::wrong_data;
  SlotKey slot{.key = CardKey::generate(*type)};
  if (!read_policies(*items, command.p2, slot)) return StatusWord::wrong_data;
  const Bytes answer = tlv::item(0x7f49, public_key_items(slot.key));
  state_.slots.insert_or_assign(command.p2, std::move(slot));
  changed();
  return answer;
}

Response PivApplet::import(const Command& command) {
  if (!session_.management || rules_.contactless) return StatusWord::security_status;
  const auto type = key_type(command.p1);
  const auto items = tlv::read(command.data);
  if (!type || !is_slot(command.p2)) return StatusWord::wrong_parameters;
  if (!items) return StatusWord::wrong_data;
  auto key = imported(*type, *items);
  if (!key) return StatusWord::wrong_data;
  SlotKey slot{.key = std::move(*key), .generated = false};
  if (!read_policies(*items, command.p2, slot)) return StatusWord::wrong_data;
  state_.slots.insert_or_assign(command.p2, std::move(slot));
  changed();
  return StatusWord::ok;
}

// P1: where to, FF: nowhere; P2: where from.
Response PivApplet::move(const Command& command) {
  if (!session_.management || rules_.contactless) return StatusWord::security_status;
  auto held = state_.slots.extract(command.p2);
  if (held.empty()) return StatusWord::no_reference;
  const bool room =
      command.p1 == 0xff || (is_slot(command.p1) && command.p1 != slot::attestation &&
                             command.p2 != slot::attestation && !state_.slots.contains(command.p1));
  if (!room) {
    state_.slots.insert(std::move(held));
    return StatusWord::wrong_parameters;
  }
  changed();
  if (command.p1 == 0xff) return StatusWord::ok;
  held.key() = command.p1;
  state_.slots.insert(std::move(held));
  return StatusWord::ok;
}

}  // namespace countersign::virtual_card::piv
