// SPDX-License-Identifier: Apache-2.0
// What sign-ins share beyond one request: the policies in force, graces, and the keys of receipts
// and browser cookies.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/crypto/es256_key.h"
#include "core/engine/context.h"
#include "core/policy/policy.h"
#include "core/verdict.h"

namespace countersign::engine {

// The policies as last committed, and at which generation of their setting: a decision names it as
// its precondition. Any thread.
struct PoliciesInForce {
  Policies policies = {};
  Generation generation = 0;
};
class PolicyBook {
 public:
  [[nodiscard]] std::shared_ptr<const PoliciesInForce> now() const {
    const std::lock_guard lock(mutex_);
    return in_force_;
  }
  void use(PoliciesInForce fresh) {
    auto shared = std::make_shared<const PoliciesInForce>(std::move(fresh));
    const std::lock_guard lock(mutex_);
    if (shared->generation >= in_force_->generation) in_force_ = std::move(shared);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const PoliciesInForce> in_force_ = std::make_shared<const PoliciesInForce>();
};

// A verification counts for named services of the same login session, for some hours. In memory: a
// restart, a reboot and a suspended machine end it; so does end(). Any thread.
class Graces {
 public:
  using Moment = ClockGuard::Moment;
  void grant(const std::string& session, UserId user, Moment at);
  // Whether this user verified in this session less than so long ago, and the machine has not slept
  // since.
  [[nodiscard]] bool holds(const std::string& session, UserId user, Milliseconds lasts, Moment at);
  void end(const std::string& session);  // signed out; empty: all of them (about to suspend)
  void end_of(UserId user);              // the token was taken away: in all of the user's sessions

 private:
  struct Given {
    UserId user;
    Moment at;
  };
  static constexpr std::size_t most = 10'000;
  std::mutex mutex_;
  std::map<std::string, Given> given_;
};

// This daemon's own host, for sign-ins that are here.
struct OwnMachine {
  Bytes key;          // SubjectPublicKeyInfo
  Bytes fingerprint;  // machine_fingerprint.h, encoded
  std::string name;
  bool hardware_bound = false;
};

struct SignInShared {
  PolicyBook policies;
  Graces graces;
  std::optional<crypto::Es256Key> receipt_key;  // after load_sign_ins
  std::string receipt_key_id;
  Secret cookie_key;
  Secret site_salt;  // what fingerprints are keyed by (machine_fingerprint.h)
  std::optional<OwnMachine> own_machine;
};

inline constexpr const char* policies_setting = "policies";
inline constexpr const char* receipt_key_setting = "receipt-key";
inline constexpr const char* cookie_key_setting = "cookie-key";
inline constexpr const char* site_salt_setting = "site-salt";

// Policies and keys from the store; keys that a store has not yet are made, and stored by
// `at_start`, to be committed before the first sign-in.
[[nodiscard]] Result<Change> load_sign_ins(Context& context);

}  // namespace countersign::engine
