// SPDX-License-Identifier: Apache-2.0
// The CRC-16 of ISO/IEC 13239 (reflected, from all ones), which YubiKeys put into their one-time
// passwords and frames.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace countersign::formats {

[[nodiscard]] std::uint16_t crc13239(BytesView octets);

// Of octets with the complement of their CRC behind them, low octet first.
inline constexpr std::uint16_t crc13239_held = 0xf0b8;

}  // namespace countersign::formats
