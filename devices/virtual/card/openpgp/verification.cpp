// SPDX-License-Identifier: Apache-2.0
// PW1, PW3, the resetting code (§7.2.2 to §7.2.4), and the card's life cycle (§7.2.16, §7.2.17).
#include "devices/virtual/card/openpgp/applet.h"

namespace countersign::virtual_card::openpgp {
namespace {

constexpr Byte signing_pin = 0x81, other_pin = 0x82, admin_pin = 0x83;

bool fits(BytesView pin, std::size_t shortest) {
  return pin.size() >= shortest && pin.size() <= longest_pin;
}

// A wrong one is "security status not satisfied" here; how many are left is told when asked.
StatusWord checked(Reference& reference, BytesView candidate) {
  const StatusWord word = reference.check(candidate);
  if (word == StatusWord::ok || word == StatusWord::blocked) return word;
  return StatusWord::security_status;
}

}  // namespace

Response OpenPgpApplet::verify(const Command& command) {
  if (command.p2 < signing_pin || command.p2 > admin_pin) return StatusWord::wrong_parameters;
  bool& verified = command.p2 == signing_pin ? session_.signing
                   : command.p2 == other_pin ? session_.others
                                             : session_.admin;
  Reference& reference = command.p2 == admin_pin ? state_.admin : state_.user;
  if (command.p1 == 0xff) {
    if (!command.data.empty()) return StatusWord::wrong_data;
    verified = false;
    return StatusWord::ok;
  }
  if (command.p1 != 0) return StatusWord::wrong_parameters;
  if (command.data.empty()) {
    if (verified) return StatusWord::ok;
    return reference.blocked() ? StatusWord::blocked : wrong_with(reference.left);
  }
  if (!fits(command.data, command.p2 == admin_pin ? shortest_admin_pin : shortest_user_pin))
    return StatusWord::wrong_data;  // costs no try
  verified = false;
  const StatusWord word = checked(reference, command.data);
  changed();
  verified = word == StatusWord::ok;
  return word;
}

// The old one, whose length the card knows, and the new one.
Response OpenPgpApplet::change_reference_data(const Command& command) {
  if (command.p1 != 0 || (command.p2 != signing_pin && command.p2 != admin_pin))
    return StatusWord::wrong_parameters;
  const bool admin = command.p2 == admin_pin;
  Reference& reference = admin ? state_.admin : state_.user;
  const BytesView data(command.data);
  if (data.size() < reference.value.size()) return StatusWord::wrong_data;
  const BytesView fresh = data.subspan(reference.value.size());
  if (!fits(fresh, admin ? shortest_admin_pin : shortest_user_pin)) return StatusWord::wrong_data;
  const StatusWord word = checked(reference, data.first(reference.value.size()));
  changed();
  if (word != StatusWord::ok) return word;
  reference.set(fresh);
  (admin ? session_.admin : session_.signing) = false;
  if (!admin) session_.others = false;
  return StatusWord::ok;
}

// A new PW1: P1 = 2 after PW3, P1 = 0 with the resetting code before it.
Response OpenPgpApplet::reset_retry_counter(const Command& command) {
  if (command.p2 != signing_pin || (command.p1 != 0 && command.p1 != 2))
    return StatusWord::wrong_parameters;
  BytesView fresh(command.data);
  if (command.p1 == 2) {
    if (!session_.admin) return StatusWord::security_status;
  } else {
    Reference& code = state_.resetting_code;
    if (code.blocked()) return StatusWord::blocked;
    if (fresh.size() < code.value.size()) return StatusWord::wrong_data;
    const StatusWord word = checked(code, fresh.first(code.value.size()));
    changed();
    if (word != StatusWord::ok) return word;
    fresh = fresh.subspan(code.value.size());
  }
  if (!fits(fresh, shortest_user_pin)) return StatusWord::wrong_data;
  state_.user.set(fresh);
  session_.signing = session_.others = false;
  changed();
  return StatusWord::ok;
}

// After PW3, or when PW3 can't be tried any more.
Response OpenPgpApplet::terminate() {
  if (!session_.admin && !state_.admin.blocked()) return StatusWord::security_status;
  state_.terminated = true;
  session_ = Session{};
  changed();
  return StatusWord::ok;
}

// All is as from the factory then. On a card that is not terminated it does nothing.
Response OpenPgpApplet::activate() {
  if (!state_.terminated) return StatusWord::ok;
  state_ = new_state();
  session_ = Session{};
  changed();
  return StatusWord::ok;
}

}  // namespace countersign::virtual_card::openpgp
