// SPDX-License-Identifier: Apache-2.0
// The numbers of the OTP interface (YubiKey 5 Series Technical Manual, "OTP"; Yubico's ykdef.h
// names them alike). They are the same over USB HID and as APDUs.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.h"

namespace countersign::devices::yubikey {

enum class Command : Byte {
  configure_1 = 0x01,
  configure_2 = 0x03,
  swap = 0x06,
  serial = 0x10,
  respond_1 = 0x30,  // HMAC-SHA1
  respond_2 = 0x38,
};

constexpr std::size_t payload_size = 64, configuration_size = 52, access_code_size = 6,
                      response_size = 20;
constexpr std::array<Byte, 7> applet{0xa0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01};

// What the key says of itself without being asked to do anything.
struct Status {
  std::array<Byte, 3> version{};
  Byte sequence = 0;  // one more with each write; 0: no slot is programmed
  Byte level = 0;     // bits: slot 1, slot 2 programmed; slot 1, slot 2 want a touch

  [[nodiscard]] bool programmed(int slot) const {
    return (level & (0x01U << static_cast<unsigned>(slot - 1))) != 0;
  }
  [[nodiscard]] bool touch(int slot) const {
    return (level & (0x04U << static_cast<unsigned>(slot - 1))) != 0;
  }
  [[nodiscard]] bool at_least(Byte major, Byte minor) const {
    return version[0] > major || (version[0] == major && version[1] >= minor);
  }
};
// octets: at least six.
[[nodiscard]] Status status_from(BytesView octets);

}  // namespace countersign::devices::yubikey
