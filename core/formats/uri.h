// SPDX-License-Identifier: Apache-2.0
// What the two kinds of authenticator URI share.
#pragma once

#include <string_view>
#include <utility>

#include "core/formats/token_record.h"

namespace countersign::formats {

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII
[[nodiscard]] bool starts_with_ignoring_case(std::string_view text, std::string_view front);
[[nodiscard]] std::string_view trim(std::string_view text);  // spaces, tabs, ends of lines

// Takes "name=value&" off the front; both parts still encoded.
[[nodiscard]] std::pair<std::string_view, std::string_view> next_parameter(std::string_view& query);

// Splits "issuer:account" into the record; the issuer only if it has none yet. Without an account
// the user stays empty, and the label is the issuer.
void take_account(TokenRecord& record, std::string_view name);

}  // namespace countersign::formats
