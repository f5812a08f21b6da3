// SPDX-License-Identifier: Apache-2.0
// The PIN and the PUK (SP 800-73-4 Part 2 §3.2).
#include <algorithm>

#include "devices/virtual/card/piv/applet.h"

namespace countersign::virtual_card::piv {
namespace {

constexpr std::size_t shortest = 6;

}  // namespace

// A PIN has 6 to 8 octets and is filled up with FF; the standard has digits alone. A PUK has 8
// octets, YubiKey's may be filled up too.
bool PivApplet::well_formed(BytesView value, bool puk) const {
  if (value.size() != pin_size) return false;
  const auto filled = std::ranges::find(value, Byte{0xff});
  const auto length = static_cast<std::size_t>(filled - value.begin());
  if (std::ranges::any_of(filled, value.end(), [](Byte octet) { return octet != 0xff; }))
    return false;
  if (rules_.yubikey) return length >= shortest;
  if (puk) return true;
  return length >= shortest && std::ranges::all_of(value.begin(), filled, [](Byte octet) {
           return octet >= '0' && octet <= '9';
         });
}

// §3.2.1. Without data: how many tries are left. P1 = FF: nobody is verified any more.
Response PivApplet::verify(const Command& command) {
  if (command.p2 != pin_reference) return StatusWord::no_reference;
  if (rules_.contactless) return StatusWord::not_supported;
  if (command.p1 == 0xff) {
    if (!command.data.empty()) return StatusWord::wrong_data;
    forget_pin();
    return StatusWord::ok;
  }
  if (command.p1 != 0) return StatusWord::wrong_parameters;
  if (command.data.empty()) {
    if (session_.pin) return StatusWord::ok;
    return state_.pin.blocked() ? StatusWord::blocked : wrong_with(state_.pin.left);
  }
  if (!well_formed(command.data, false)) return StatusWord::wrong_data;  // costs no try
  forget_pin();
  const StatusWord checked = state_.pin.check(command.data);
  changed();
  session_.pin = session_.pin_fresh = checked == StatusWord::ok;
  return checked;
}

// §3.2.2: old and new, one after the other.
Response PivApplet::change_reference_data(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_parameters;
  if (command.p2 != pin_reference && command.p2 != puk_reference) return StatusWord::no_reference;
  if (rules_.contactless) return StatusWord::not_supported;
  const bool puk = command.p2 == puk_reference;
  const BytesView data(command.data);
  if (data.size() != 2 * pin_size || !well_formed(data.subspan(pin_size), puk))
    return StatusWord::wrong_data;
  Reference& reference = puk ? state_.puk : state_.pin;
  const StatusWord checked = reference.check(data.first(pin_size));
  changed();
  if (checked != StatusWord::ok) {
    if (!puk) forget_pin();
    return checked;
  }
  reference.set(data.subspan(pin_size));
  return StatusWord::ok;
}

// §3.2.3: PUK and new PIN.
Response PivApplet::reset_retry_counter(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_parameters;
  if (command.p2 != pin_reference) return StatusWord::no_reference;
  if (rules_.contactless) return StatusWord::not_supported;
  const BytesView data(command.data);
  if (data.size() != 2 * pin_size || !well_formed(data.subspan(pin_size), false))
    return StatusWord::wrong_data;
  const StatusWord checked = state_.puk.check(data.first(pin_size));
  changed();
  if (checked != StatusWord::ok) return checked;
  state_.pin.set(data.subspan(pin_size));
  return StatusWord::ok;
}

// YubiKey's FA: how many tries both have; PIN and PUK are as from the factory then.
Response PivApplet::set_retries(const Command& command) {
  if (!session_.management || !session_.pin) return StatusWord::security_status;
  if (command.p1 == 0 || command.p2 == 0) return StatusWord::wrong_parameters;
  State factory;
  factory_references(factory);
  state_.pin = std::move(factory.pin);
  state_.puk = std::move(factory.puk);
  state_.pin.most = state_.pin.left = command.p1;
  state_.puk.most = state_.puk.left = command.p2;
  changed();
  return StatusWord::ok;
}

}  // namespace countersign::virtual_card::piv
