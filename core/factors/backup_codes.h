// SPDX-License-Identifier: Apache-2.0
// Backup codes: sets of single-use codes of 80 random bits (SP 800-63B-4 look-up secrets; T10).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/authenticator.h"
#include "core/base/random.h"
#include "core/crypto/kdf.h"
#include "core/factors/check.h"

namespace countersign::backup_codes {

inline constexpr int most = 60;                // one bit of Progress::detail each
inline constexpr std::size_t characters = 16;  // Crockford base32, 5 bits each

// 16 letters and digits, without the dashes and spaces people type, in lower case, with o read as 0
// and i, l as 1. Empty when it is no such code.
[[nodiscard]] std::string normalize(std::string_view typed);

struct NewSet {
  std::vector<Secret> codes;  // as shown: k7qm-3fzt-9w2x-v0hd
  Secret material;            // what is sealed into the authenticator: salt and one digest a code
};
// Slow: one scrypt each.
[[nodiscard]] Result<NewSet> make(Random& random, int count);

// The digest that all codes of a set are compared by: one scrypt, with the set's salt. Slow.
[[nodiscard]] Result<Secret> digest(const Secret& material, std::string_view normalized);
// For answers about users who have no set: the same work, no result.
[[nodiscard]] Result<Secret> digest_for_nobody(std::string_view normalized);

[[nodiscard]] Check check(const Secret& material, const Progress& progress, const Secret& digest);
[[nodiscard]] int left(const Secret& material, const Progress& progress);

}  // namespace countersign::backup_codes
