// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986 §2.1) for the URIs that carry secrets.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::formats {

// Everything but unreserved characters (§2.3) becomes %XX.
void append_percent_encoded(std::string& out, std::string_view text);

enum class Plus { literal, space };  // '+' is a space in query strings, where forms wrote them
// Refuses a % without two hex digits.
[[nodiscard]] Result<Secret> percent_decode(std::string_view text, Plus plus);

// Takes "name=value&" off the front of a query; both parts still encoded.
[[nodiscard]] std::pair<std::string_view, std::string_view> next_parameter(std::string_view& query);

}  // namespace countersign::formats
