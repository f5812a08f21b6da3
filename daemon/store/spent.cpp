// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/spent.h"

#include <algorithm>

namespace countersign {

void Spent::add(const Advance& advance) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = spent_.try_emplace(advance.authenticator.value, advance.progress);
  if (fresh) {
    order_.push_back(advance.authenticator.value);
    while (order_.size() > most) {
      spent_.erase(order_.front());
      order_.pop_front();
    }
  } else if (advance.progress.counter >= entry->second.counter) {
    entry->second = {advance.progress.counter, entry->second.detail | advance.progress.detail,
                     advance.progress.last_used};
  }
  count_.store(spent_.size(), std::memory_order_release);
}

void Spent::forget(AuthenticatorId id) {
  if (empty()) return;
  const std::lock_guard lock(mutex_);
  if (spent_.erase(id.value) != 0) std::erase(order_, id.value);
  count_.store(spent_.size(), std::memory_order_release);
}

void Spent::cover(Authenticator& authenticator) const {
  if (empty()) return;
  const std::lock_guard lock(mutex_);
  const auto found = spent_.find(authenticator.id.value);
  if (found == spent_.end()) return;
  authenticator.progress.counter = std::max(authenticator.progress.counter, found->second.counter);
  // A bit for each used code; elsewhere detail is no measure of use and stays as stored.
  if (authenticator.kind == Kind::backup_codes)
    authenticator.progress.detail |= found->second.detail;
}

bool Spent::refuses(const Advance& advance) const {
  if (empty()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = spent_.find(advance.authenticator.value);
  return found != spent_.end() && advance.progress.counter < found->second.counter;
}

}  // namespace countersign
