// SPDX-License-Identifier: Apache-2.0
// Codes that are sent to a phone or a mailbox: how they are made, kept and compared (T09, T10). SP
// 800-63B-4 §3.1.3.2.
#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/vault.h"

namespace countersign::sent_code {

inline constexpr int fewest_digits = 4;
inline constexpr int advised_digits = 6;  // a policy with fewer is warned
inline constexpr int most_digits = 8;
inline constexpr Milliseconds longest_life{600'000};

struct Rules {
  int digits = advised_digits;
  Milliseconds lives = longest_life;
  int tries = 5;  // of one code; the user's throttle counts each wrong one as well
  bool operator==(const Rules&) const = default;
};

// Each digit as likely as any other. Code::invalid: a number of digits outside of the limits.
[[nodiscard]] Result<Secret> make(Random& random, int digits);

// What is kept of a code. id: of the challenge it answers; kind_and_recipient: what it was sent by
// and to; bound_to: the sign-in. The same digits sent for anything else have another digest.
struct Binding {
  std::string id, recipient, bound_to;
};
[[nodiscard]] Bytes digest(crypto::Vault& vault, const Binding& binding, const Secret& code);
[[nodiscard]] bool matches(crypto::Vault& vault, const Binding& binding, std::string_view typed,
                           BytesView digest);

// "+49••••••67", "a••••@example.org": enough for its owner to know which, too little for anybody
// else.
[[nodiscard]] std::string masked_phone(std::string_view phone);
[[nodiscard]] std::string masked_email(std::string_view email);

}  // namespace countersign::sent_code
