// SPDX-License-Identifier: Apache-2.0
// Status words as ISO/IEC 7816-4 §5.6, SP 800-73-4 Part 2 §2.2.4 and OpenPGP card 3.4 §5.11 name
// them.
#pragma once

#include <cstdint>

namespace countersign::virtual_card {

enum class StatusWord : std::uint16_t {
  ok = 0x9000,
  memory_failure = 0x6581,
  wrong_length = 0x6700,
  no_logical_channels = 0x6881,
  no_secure_messaging = 0x6882,
  last_of_chain_expected = 0x6883,
  no_chaining = 0x6884,
  security_status = 0x6982,
  blocked = 0x6983,
  conditions = 0x6985,
  wrong_data = 0x6a80,
  not_supported = 0x6a81,
  not_found = 0x6a82,
  no_space = 0x6a84,
  wrong_parameters = 0x6a86,
  no_reference = 0x6a88,
  wrong_instruction = 0x6d00,
  wrong_class = 0x6e00,
  no_diagnosis = 0x6f00,
  terminated = 0x6285,
};

// 63CX: the comparison failed, so many retries are left (15 at most).
[[nodiscard]] constexpr StatusWord wrong_with(unsigned left) {
  return static_cast<StatusWord>(0x63c0U | (left < 15 ? left : 15U));
}

}  // namespace countersign::virtual_card
