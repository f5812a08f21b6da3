// SPDX-License-Identifier: Apache-2.0
// Private to this folder: the one place where a Verdict becomes verified.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/verdict.h"

namespace countersign {

class VerdictMaker {
 public:
  // What the factor alone is worth; with a password before it the sign-in counts higher (SP 800-63B-4 §2, RFC 8176).
  struct Worth {
    std::vector<std::string> amr;
    int aal = 1;
  };

  // Only from a change that the store has committed. user: who the token said it is; empty where the caller named them.
  static Verdict verified(const Authenticator& authenticator, Worth worth, std::string user = {}) {
    Verdict verdict;
    verdict.verified_ = true;
    verdict.reason_ = Reason::none;
    verdict.authenticator_ = authenticator.id;
    verdict.kind_ = authenticator.kind;
    verdict.amr_ = std::move(worth.amr);
    verdict.aal_ = worth.aal;
    verdict.user_ = std::move(user);
    return verdict;
  }
};

}  // namespace countersign
