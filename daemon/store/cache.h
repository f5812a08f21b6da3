// SPDX-License-Identifier: Apache-2.0
// Users as of the last commit, kept in memory so that a sign-in reads no file.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>

#include "core/ports/store.h"

namespace countersign {

// Holds at most so many users, the longest unasked go first. What it holds is always the committed
// state: the writer publishes each batch before anybody hears of it, and a snapshot that was being
// read meanwhile is not taken in (see version). Any thread may call it.
class RecordCache {
 public:
  using Record = std::shared_ptr<const UserRecord>;

  explicit RecordCache(std::size_t most) : most_(most) {}

  // Null when not held.
  [[nodiscard]] Record by_id(UserId id);
  [[nodiscard]] Record by_name(const std::string& name);
  [[nodiscard]] Record by_login(const std::string& login);
  // The same without counting as a use: the writer's look, soon after a reader's.
  [[nodiscard]] Record peek(UserId id);

  // Read before reading the database, given back with what was read: if a batch was published in
  // between, the snapshot may be older than that batch and is not kept.
  [[nodiscard]] std::uint64_t version();
  void insert(const Record& record, std::uint64_t version_before);

  // Brings what is held to the state after these writes. moved: users whose authenticators changed
  // as a whole.
  void publish(std::span<const Write* const> writes, std::span<const UserId> moved);
  void clear();

 private:
  using List = std::list<std::shared_ptr<UserRecord>>;
  [[nodiscard]] Record use(List::iterator entry);
  void replace(UserId id, auto&& edit);
  void erase(UserId id);

  const std::size_t most_;
  std::mutex mutex_;
  std::uint64_t version_ = 0;
  List list_;  // last used first
  std::unordered_map<std::int64_t, List::iterator> by_id_;
  std::unordered_map<std::string, List::iterator> by_name_;
  std::unordered_map<std::string, List::iterator> by_login_;
};

}  // namespace countersign
