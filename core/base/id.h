// SPDX-License-Identifier: Apache-2.0
// Ids of users, authenticators and pending things: 63 bits, ascending in time, written as 13
// letters and digits.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign {

// 42 bits of milliseconds and 21 random bits: rows append to their table in order, and two daemons
// rarely make the same one (the store refuses the second). Not a secret and no proof of anything.
template <class Tag>
struct Id {
  std::int64_t value = 0;  // 0: none

  [[nodiscard]] explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using UserId = Id<struct UserTag>;
using AuthenticatorId = Id<struct AuthenticatorTag>;
using ImportId = Id<struct ImportTag>;
using MachineId = Id<struct MachineTag>;

// Crockford base32 in lower case, 13 characters.
[[nodiscard]] std::string to_text(std::int64_t id);
// The reverse; letters in any case. Nothing when it is not such a text.
[[nodiscard]] std::optional<std::int64_t> id_from_text(std::string_view text);

template <class Tag>
[[nodiscard]] std::string to_text(Id<Tag> id) {
  return to_text(id.value);
}

}  // namespace countersign
