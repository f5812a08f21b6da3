// SPDX-License-Identifier: Apache-2.0
// What YubiKeys have beyond the standard (Yubico's "PIV extensions" pages).
#include "devices/virtual/card/piv/applet.h"
#include "devices/virtual/card/piv/attestation.h"

namespace countersign::virtual_card::piv {
namespace {

constexpr std::uint32_t algorithm_tag = 1, policy_tag = 2, origin_tag = 3, public_key_tag = 4,
                        factory_tag = 5, retries_tag = 6;
constexpr Byte secret_without_algorithm = 0xff;
constexpr Byte made_here = 1, brought_in = 2;

Bytes of_reference(const Reference& reference) {
  return tlv::join({tlv::item(algorithm_tag, {secret_without_algorithm}),
                    tlv::item(factory_tag, {static_cast<Byte>(reference.factory ? 1 : 0)}),
                    tlv::item(retries_tag, {static_cast<Byte>(reference.most),
                                            static_cast<Byte>(reference.left)})});
}

Bytes of_management(const ManagementKey& key) {
  const Byte touch = static_cast<Byte>(key.touch ? TouchPolicy::always : TouchPolicy::never);
  return tlv::join({tlv::item(algorithm_tag, {static_cast<Byte>(key.cipher)}),
                    tlv::item(policy_tag, {0, touch}),
                    tlv::item(factory_tag, {static_cast<Byte>(key.factory ? 1 : 0)})});
}

Bytes of_slot(const SlotKey& slot) {
  return tlv::join(
      {tlv::item(algorithm_tag, {static_cast<Byte>(slot.key.type())}),
       tlv::item(policy_tag, {static_cast<Byte>(slot.pin), static_cast<Byte>(slot.touch)}),
       tlv::item(origin_tag, {slot.generated ? made_here : brought_in}),
       tlv::item(public_key_tag, public_key_items(slot.key))});
}

}  // namespace

// F7: P2 says of what.
Response PivApplet::metadata(const Command& command) const {
  if (command.p1 != 0) return StatusWord::wrong_parameters;
  if (command.p2 == pin_reference) return of_reference(state_.pin);
  if (command.p2 == puk_reference) return of_reference(state_.puk);
  if (command.p2 == slot::management_key) return of_management(state_.management);
  if (!is_slot(command.p2)) return StatusWord::wrong_parameters;
  const auto held = state_.slots.find(command.p2);
  return held == state_.slots.end() ? Response(StatusWord::no_reference)
                                    : Response(of_slot(held->second));
}

// F9: P1 is the slot.
Response PivApplet::attest(const Command& command) const {
  const auto held = state_.slots.find(command.p1);
  if (command.p2 != 0) return StatusWord::wrong_parameters;
  if (held == state_.slots.end()) return StatusWord::no_reference;
  if (!held->second.generated || command.p1 == slot::attestation) return StatusWord::wrong_data;
  const Bytes certificate = piv::attest(state_, command.p1, held->second, serial_);
  if (certificate.empty()) return StatusWord::conditions;
  return certificate;
}

// FF: P2 = FF, or FE when each use needs a touch; algorithm, 9B, length, key.
Response PivApplet::set_management_key(const Command& command) {
  if (command.p1 != 0xff || command.p2 < 0xfe) return StatusWord::wrong_parameters;
  if (!session_.management || rules_.contactless) return StatusWord::security_status;
  const BytesView data(command.data);
  if (data.size() < 3 || data[1] != slot::management_key) return StatusWord::wrong_data;
  const Byte algorithm = data[0];
  if (algorithm != 0x03 && algorithm != 0x08 && algorithm != 0x0a && algorithm != 0x0c)
    return StatusWord::wrong_data;
  const auto cipher = static_cast<Cipher>(algorithm);
  if (data[2] != key_size(cipher) || data.size() != 3U + data[2]) return StatusWord::wrong_data;
  state_.management = {.cipher = cipher,
                       .key = Secret(data.subspan(3)),
                       .touch = command.p2 == 0xfe,
                       .factory = false};
  changed();
  return StatusWord::ok;
}

// FB: only when neither PIN nor PUK can be tried any more.
Response PivApplet::reset_all() {
  if (!state_.pin.blocked() || !state_.puk.blocked()) return StatusWord::conditions;
  piv::reset(state_);
  session_ = Session{};
  changed();
  return StatusWord::ok;
}

}  // namespace countersign::virtual_card::piv
