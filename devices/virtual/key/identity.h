// SPDX-License-Identifier: Apache-2.0
// What marks the key as virtual, wherever it is seen.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace countersign::virtual_key::identity {

// 636f756e-7465-7273-6967-6e2d76697274: the letters "countersign-virt".
constexpr std::array<Byte, 16> aaguid{'c', 'o', 'u', 'n', 't', 'e', 'r', 's',
                                      'i', 'g', 'n', '-', 'v', 'i', 'r', 't'};

constexpr std::string_view vendor = "Countersign";
constexpr std::string_view product = "Countersign virtual key";
constexpr std::uint16_t vendor_id =
    0x1209;  // pid.codes; its product ids 0001 to 0010 are for tests that stay at home
constexpr std::uint16_t product_id = 0x0001;
constexpr Byte firmware_major = 1, firmware_minor = 0, firmware_build = 0;

}  // namespace countersign::virtual_key::identity
