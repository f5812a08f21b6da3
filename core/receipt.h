// SPDX-License-Identifier: Apache-2.0
// What a decision ends in: a JWT (RFC 7519) signed with ES256 that anybody with the public key can
// check.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/crypto/es256_key.h"

namespace countersign {

inline constexpr std::chrono::seconds receipt_lives{300};

struct Receipt {
  std::string issuer;
  std::string audience;  // for whom it is: the application that asked
  std::string subject;   // the user's name
  std::string id;        // jti
  std::string nonce;     // as the application gave it; may be empty
  std::string decision;
  std::string because;
  std::string service;
  std::string primary;
  std::string machine;  // its id; empty: none was proved
  std::string machine_state;
  std::vector<std::string> amr;  // RFC 8176
  int aal = 0;                   // SP 800-63B-4; 0: no factor of ours, and no password either
  Time issued{};                 // whole seconds count
  Time expires{};

  bool operator==(const Receipt&) const = default;
};

[[nodiscard]] std::string sign_receipt(const Receipt& receipt, const crypto::Es256Key& key,
                                       std::string_view key_id);

// not_permitted, saying what is wrong: another key or algorithm, a signature that does not hold,
// not yet or no longer valid. Whether it is meant for the caller (audience, nonce, service) is the
// caller's to compare.
[[nodiscard]] Result<Receipt> judge_receipt(std::string_view text, const crypto::PublicKey& key,
                                            std::string_view key_id, Time now);

}  // namespace countersign
