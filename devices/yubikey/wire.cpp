// SPDX-License-Identifier: Apache-2.0
#include "devices/yubikey/wire.h"

namespace countersign::devices::yubikey {

std::uint16_t crc(BytesView data) {
  unsigned value = 0xffff;
  for (const Byte octet : data) {
    value ^= octet;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1U) ^ 0x8408U : value >> 1U;
  }
  return static_cast<std::uint16_t>(value);
}

Status status_from(BytesView octets) { return {.version = {octets[0], octets[1], octets[2]}, .sequence = octets[3], .level = octets[4]}; }

}  // namespace countersign::devices::yubikey
