// SPDX-License-Identifier: Apache-2.0
// What the key does wrong on demand. Each stays until it is cleared.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::virtual_key {

struct Faults {
  // The transport closes in place of delivering message n of the connection. Messages are counted
  // from 1: each whole request and each whole answer; keepalives and cancels are none.
  std::optional<std::uint32_t> unplug;
  // CTAP commands that these hit: one, or `any_but_get_info`.
  static constexpr std::uint32_t any_but_get_info = 0x100;
  std::optional<std::uint32_t>
      keepalive;  // never answers, sends keepalives for ever, and does not heed a cancel
  std::optional<std::uint32_t> bad_cbor;  // the answer is cut within its CBOR
  std::optional<std::uint16_t>
      bad_length;              // each answer claims this many octets in its initialization packet
  bool counter_back = false;   // signature counters count down
  bool wrong_rp_hash = false;  // rpIdHash of another relying party
  bool uv_cleared = false;     // the UV flag is 0, whoever was verified
  bool up_cleared = false;     // the UP flag is 0, whoever touched
  bool full = false;           // CTAP2_ERR_KEY_STORE_FULL

  // "NAME" or "NAME=N": unplug=N, keepalive[=COMMAND], bad-cbor[=COMMAND], bad-length[=N],
  // counter-back, wrong-rp-hash, uv-cleared, up-cleared, full; "none" clears all. N in decimal.
  [[nodiscard]] Result<void> set(std::string_view text);

  [[nodiscard]] static bool hits(const std::optional<std::uint32_t>& scope, Byte command);
};

}  // namespace countersign::virtual_key
