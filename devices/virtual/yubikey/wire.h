// SPDX-License-Identifier: Apache-2.0
// The numbers of YubiKey's OTP interface, as its own documents have them ("YubiKey Personalization
// Tool", "YubiKey 5 Series Technical Manual", section OTP interface): commands, flags, and the
// frame of 70 octets in feature reports of 8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"

namespace countersign::virtual_yubikey {

// The slot octet of a frame.
namespace command {
constexpr Byte configure_1 = 0x01, configure_2 = 0x03, update_1 = 0x04, update_2 = 0x05,
               swap = 0x06, ndef_1 = 0x08, ndef_2 = 0x09;
constexpr Byte serial = 0x10, device_configuration = 0x11, scan_map = 0x12,
               device_information = 0x13;
constexpr Byte yubico_1 = 0x20, yubico_2 = 0x28, hmac_1 = 0x30, hmac_2 = 0x38;
}  // namespace command

namespace extended {
constexpr Byte serial_by_api = 0x04, allow_update = 0x20, dormant = 0x40, updatable = 0xff & ~0x80;
}
namespace ticket {
constexpr Byte tab_first = 0x01, tab_1 = 0x02, tab_2 = 0x04, append_cr = 0x20,
               oath_or_challenge = 0x40, updatable = 0x3f;
}
namespace config {
constexpr Byte short_ticket = 0x02, hotp_8 = 0x02, less_than_64 = 0x04, touch = 0x08,
               static_ticket = 0x20, challenge_yubico = 0x20, challenge_hmac = 0x22;
constexpr Byte modhex_1 = 0x10, modhex_2 = 0x40, updatable = 0x0c;
}  // namespace config

// The last octet of a report.
namespace flag {
constexpr Byte write = 0x80, response = 0x40, waiting = 0x20, abort = 0x8f, sequence = 0x1f;
}

constexpr std::size_t report_size = 8, frame_size = 70, payload_size = 64, code_size = 6,
                      configuration_size = 52;
using Report = std::array<Byte, report_size>;

// CRC-13239 (ISO/IEC 13239, reflected, from 0xffff). Over data with its complement behind it, low
// octet first, it is crc_held.
constexpr std::uint16_t crc_held = 0xf0b8;
[[nodiscard]] constexpr std::uint16_t crc(BytesView data) {
  std::uint16_t value = 0xffff;
  for (const Byte octet : data) {
    value = static_cast<std::uint16_t>(value ^ octet);
    for (int bit = 0; bit < 8; ++bit)
      value = static_cast<std::uint16_t>((value & 1U) != 0 ? (value >> 1U) ^ 0x8408U : value >> 1U);
  }
  return value;
}

}  // namespace countersign::virtual_yubikey
