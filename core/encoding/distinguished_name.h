// SPDX-License-Identifier: Apache-2.0
// Distinguished names as text (RFC 4514).
#pragma once

#include <string>
#include <string_view>

namespace countersign::formats {

// The user that a distinguished name (RFC 4514) is about: its UID, else its CN;
// "UID=jsmith,DC=example,DC=net" is jsmith. Text that is no distinguished name is the user itself;
// one with neither gives nothing.
[[nodiscard]] std::string user_of_distinguished_name(std::string_view name);

}  // namespace countersign::formats
