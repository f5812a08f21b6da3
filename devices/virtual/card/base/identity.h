// SPDX-License-Identifier: Apache-2.0
// What marks the card as virtual, wherever it is seen.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace countersign::virtual_card::identity {

constexpr std::string_view vendor = "Countersign";
constexpr std::string_view product = "Countersign virtual card";
constexpr std::uint16_t vendor_id =
    0x1209;  // pid.codes; its product ids 0001 to 0010 are for tests that stay at home
constexpr std::uint16_t product_id = 0x0002;  // 0001 is the virtual key

// Serial numbers from 2,000,000,000 on: YubiKeys are far below, and what prints them signed shows
// no minus.
constexpr std::uint32_t first_serial = 2'000'000'000U;
constexpr std::uint32_t serials = 100'000'000U;

// The dialect it speaks: YubiKey's PIV extensions as of this firmware.
constexpr std::array<Byte, 3> dialect{5, 7, 1};

}  // namespace countersign::virtual_card::identity
