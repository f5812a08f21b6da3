// SPDX-License-Identifier: Apache-2.0
// Progress that was asked to be recorded and perhaps was not: the codes behind it count as used all
// the same.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "core/ports/store.h"

namespace countersign {

// In memory: it covers the time until a later write of the same authenticator succeeds. (After a
// crash the file itself tells: either the commit is in it, or its code was never accepted and may
// be tried again.) Holds at most so many authenticators, the oldest go first. Any thread may call
// it; while it is empty, that costs one load.
class Spent {
 public:
  void add(const Advance& advance);
  void forget(AuthenticatorId id);
  // Raises the authenticator's progress to what was spent.
  void cover(Authenticator& authenticator) const;
  // True when the advance would record less than was spent: it rests on a code that counts as used.
  [[nodiscard]] bool refuses(const Advance& advance) const;

 private:
  static constexpr std::size_t most = 65536;
  [[nodiscard]] bool empty() const { return count_.load(std::memory_order_acquire) == 0; }

  mutable std::mutex mutex_;
  std::atomic<std::size_t> count_ = 0;
  std::unordered_map<std::int64_t, Progress> spent_;
  std::deque<std::int64_t> order_;
};

}  // namespace countersign
