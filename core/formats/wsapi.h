// SPDX-License-Identifier: Apache-2.0
// Yubico's validation protocol 2.0: what a query and an answer look like, and how both are signed.
// No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace countersign::formats::wsapi {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // names differ

// What the HMAC-SHA1 of both directions is over: "name=value" of all but h, ordered by name, joined
// by "&".
[[nodiscard]] std::string signed_text(Parameters parameters);

// A line each, in the order given, ended by an empty one.
[[nodiscard]] std::string answer_text(const Parameters& parameters);
// Code::corrupt: lines without "=", a name twice, or more than 32 of them.
[[nodiscard]] Result<Parameters> parse_answer(std::string_view text);

// 2026-11-22T05:31:22Z0123: the protocol's own form, in UTC with milliseconds.
[[nodiscard]] std::string time_text(std::int64_t unix_ms);

// 16 to 40 letters and digits.
[[nodiscard]] bool is_nonce(std::string_view text);

[[nodiscard]] const std::string* value_of(const Parameters& parameters,
                                          std::string_view name);  // nullptr: absent

}  // namespace countersign::formats::wsapi
