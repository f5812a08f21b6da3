// SPDX-License-Identifier: Apache-2.0
// What a token's failure means for the person, and what to do; by the names of
// devices/reader/messages.h. Shared by all front ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace countersign::api {

// name: "wrong-pin", "full", ...; retries: what the token still takes, where it said so.
[[nodiscard]] std::string token_words(std::string_view name,
                                      std::optional<std::int64_t> retries = std::nullopt);
[[nodiscard]] Code token_code(std::string_view name);

// "; 2 tries left" and the like; empty when it is not known.
[[nodiscard]] std::string retries_words(std::optional<std::int64_t> retries);

}  // namespace countersign::api
