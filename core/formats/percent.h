// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986 §2.1) for the URIs that carry secrets.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace countersign::formats {

// Everything but unreserved characters (§2.3) becomes %XX.
void append_percent_encoded(std::string& out, std::string_view text);

enum class Plus { literal, space };  // '+' is a space in query strings, where forms wrote them
// Refuses a % without two hex digits.
[[nodiscard]] Result<Secret> percent_decode(std::string_view text, Plus plus);

}  // namespace countersign::formats
