// SPDX-License-Identifier: Apache-2.0
// Setting a policy, and what it would do before it is set.
#pragma once

#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/policy/policy.h"

namespace countersign::engine {

struct PolicyWish {
  std::string audience;
  Policy policy;
  bool add_audience = false;        // one that nobody knows yet
  bool forget_enrollments = false;  // everybody in the audience has to enrol again (C3)
  bool forget_machines = false;     // every machine's recognition, of all audiences, ends (D2)
};

// The wish in words of ours: what a fresh verification is bound to (fresh.h).
[[nodiscard]] std::string change_of(const PolicyWish& wish);
// Loosening, and forgetting what is enrolled or recognized.
[[nodiscard]] bool needs_fresh(const Policies& now, const PolicyWish& wish);
// invalid: a bad policy, or an unknown audience.
[[nodiscard]] Result<void> validate(const Policies& now, const PolicyWish& wish);

inline constexpr std::size_t most_names = 100;  // in each list below; the counts are exact
struct PolicyPreview {
  std::vector<std::string> loosens, warnings;
  std::string change;
  bool needs_fresh = false;
  std::int64_t users = 0;  // of the audience; suspended ones and service accounts are left out
  std::int64_t verify = 0, enroll = 0, locked_out = 0;
  std::vector<std::string> must_enroll, would_be_locked_out;
  std::vector<std::string> locations_without;  // where nobody would have a working factor (E4)
  std::int64_t machines_lapse = 0;
  std::vector<std::string> lapsing_machines;
  bool every_admin_locked_out = false;
};
// Reads all users of the audience: for a worker thread.
[[nodiscard]] Result<PolicyPreview> preview_policy(Context& context, const PolicyWish& wish);

struct SetPolicy {
  Caller caller;
  PolicyWish wish;
  std::string basis;   // what it rests on (fresh.h); empty where it loosens nothing
  bool force = false;  // although every administrator would be locked out
};
// In force when then runs. conflict: it would lock out every administrator; not_permitted: it
// loosens and has no basis. Reads and may write much: for a worker thread.
void set_policy(Context& context, SetPolicy request, Then<std::monostate> then);

}  // namespace countersign::engine
