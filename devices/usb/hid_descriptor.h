// SPDX-License-Identifier: Apache-2.0
// The usages that a HID report descriptor declares.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace countersign::devices::usb {

// What a HID interface is for: the usage of one of its top-level collections.
struct Usage {
  std::uint32_t page = 0;
  std::uint32_t id = 0;
  bool operator==(const Usage&) const = default;
};

inline constexpr Usage fido_usage{0xf1d0, 0x01};    // CTAP 2.1 §11.2.8.2
inline constexpr Usage keyboard_usage{0x01, 0x06};  // HID Usage Tables: Generic Desktop, Keyboard

// Of a report descriptor (HID 1.11 §6.2.2). What is cut off ends the list; at most 16 of them.
[[nodiscard]] std::vector<Usage> top_level_usages(BytesView descriptor);

}  // namespace countersign::devices::usb
