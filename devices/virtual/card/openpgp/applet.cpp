// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/openpgp/applet.h"

#include "core/crypto/system_random.h"

namespace countersign::virtual_card::openpgp {
namespace {

constexpr std::size_t longest_challenge = 255;

// §4.2.1: RID and application, version 3.4, manufacturer FFFF ("test card"), the serial number's
// last eight digits as BCD.
Bytes application(std::uint32_t serial) {
  Bytes aid{0xd2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x03, 0x04, 0xff, 0xff};
  for (const std::uint32_t place : {1'000'000U, 10'000U, 100U, 1U}) {
    const std::uint32_t pair = serial / place % 100;
    aid.push_back(static_cast<Byte>(pair / 10 << 4U | pair % 10));
  }
  aid.insert(aid.end(), {0x00, 0x00});
  return aid;
}

Response challenge(const Command& command) {
  if (command.parameters() != 0) return StatusWord::wrong_parameters;
  if (command.expected == 0 || command.expected > longest_challenge)
    return StatusWord::wrong_length;
  Bytes octets(command.expected);
  crypto::SystemRandom().fill(octets);
  return octets;
}

}  // namespace

OpenPgpApplet::OpenPgpApplet(State& state, std::uint32_t serial)
    : state_(state), aid_(application(serial)) {}

Response OpenPgpApplet::select() {
  session_ = Session{};
  return state_.terminated ? StatusWord::terminated : StatusWord::ok;
}

bool OpenPgpApplet::wants_touch(const Command& command, Moment) const {
  const bool signs = command.ins == 0x2a && command.parameters() == 0x9e9a,
             deciphers = command.ins == 0x2a && command.parameters() == 0x8086;
  const bool authenticates = command.ins == 0x88;
  if (!signs && !deciphers && !authenticates) return false;
  const Slot& used = slot(signs       ? Role::signature
                          : deciphers ? Role::decryption
                                      : Role::authentication);
  return used.key && used.touch != Touch::off && (signs ? session_.signing : session_.others);
}

Response OpenPgpApplet::handle(const Command& command, Moment) {
  if (command.ins == 0x44) return activate();
  if (state_.terminated) return StatusWord::terminated;
  switch (command.ins) {
    case 0x20:
      return verify(command);
    case 0x24:
      return change_reference_data(command);
    case 0x2a:
      return security_operation(command);
    case 0x2c:
      return reset_retry_counter(command);
    case 0x47:
      return key_pair(command);
    case 0x84:
      return challenge(command);
    case 0x88:
      return internal_authenticate(command);
    case 0xca:
      return get_data(command);
    case 0xda:
      return put_data(command);
    case 0xe6:
      return terminate();
    default:
      return StatusWord::wrong_instruction;
  }
}

}  // namespace countersign::virtual_card::openpgp
