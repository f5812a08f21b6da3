// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/cache.h"

#include <algorithm>

namespace countersign {
namespace {

template <class Map, class Key>
auto find_in(const Map& map, const Key& key, auto none) {
  const auto found = map.find(key);
  return found != map.end() ? found->second : none;
}

}  // namespace

RecordCache::Record RecordCache::use(List::iterator entry) {
  if (entry == list_.end()) return nullptr;
  list_.splice(list_.begin(), list_, entry);
  return *entry;
}

RecordCache::Record RecordCache::by_id(UserId id) {
  const std::lock_guard lock(mutex_);
  return use(find_in(by_id_, id.value, list_.end()));
}

RecordCache::Record RecordCache::by_name(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return use(find_in(by_name_, name, list_.end()));
}

RecordCache::Record RecordCache::by_login(const std::string& login) {
  const std::lock_guard lock(mutex_);
  return use(find_in(by_login_, login, list_.end()));
}

RecordCache::Record RecordCache::peek(UserId id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id.value);
  return found != by_id_.end() ? *found->second : nullptr;
}

std::uint64_t RecordCache::version() {
  const std::lock_guard lock(mutex_);
  return version_;
}

void RecordCache::insert(const Record& record, std::uint64_t version_before) {
  const std::lock_guard lock(mutex_);
  if (version_before != version_ || most_ == 0) return;
  erase(record->user.id);
  if (list_.size() >= most_) erase(list_.back()->user.id);
  list_.push_front(std::make_shared<UserRecord>(*record));
  const User& user = list_.front()->user;
  by_id_[user.id.value] = list_.begin();
  by_name_[user.name] = list_.begin();
  if (!user.login.empty()) by_login_[user.login] = list_.begin();
}

void RecordCache::publish(std::span<const Write* const> writes, std::span<const UserId> moved) {
  const std::lock_guard lock(mutex_);
  ++version_;
  for (const Write* write : writes) {
    if (const auto* advance = std::get_if<Advance>(write)) {
      replace(advance->user, [&](UserRecord& record) {
        const auto moving =
            std::ranges::find(record.authenticators, advance->authenticator, &Authenticator::id);
        if (moving == record.authenticators.end()) return;
        moving->progress = advance->progress;
        moving->generation = advance->generation + 1;
      });
    } else if (const auto* throttle = std::get_if<Throttle>(write)) {
      replace(UserId{throttle->key.value}, [&](UserRecord& record) {
        record.throttle = *throttle;
        ++record.throttle.generation;
      });
    }
  }
  for (const UserId id : moved) erase(id);
}

void RecordCache::clear() {
  const std::lock_guard lock(mutex_);
  ++version_;
  by_id_.clear();
  by_name_.clear();
  by_login_.clear();
  list_.clear();
}

// Readers keep the snapshot they have; the next ones get an edited copy. Names stay as they are.
void RecordCache::replace(UserId id, auto&& edit) {
  const auto found = by_id_.find(id.value);
  if (found == by_id_.end()) return;
  auto edited = std::make_shared<UserRecord>(**found->second);
  edit(*edited);
  *found->second = std::move(edited);
}

void RecordCache::erase(UserId id) {
  const auto found = by_id_.find(id.value);
  if (found == by_id_.end()) return;
  const User& user = (*found->second)->user;
  by_name_.erase(user.name);
  if (!user.login.empty()) by_login_.erase(user.login);
  list_.erase(found->second);
  by_id_.erase(found);
}

}  // namespace countersign
