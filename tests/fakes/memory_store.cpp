// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/memory_store.h"

#include <algorithm>

#include "core/base/fold.h"

namespace countersign::fakes {
namespace {

constexpr std::size_t longest_page = 1000;

template <class Map, class Key>
auto find_or_fail(const Map& map, const Key& key) -> Result<typename Map::mapped_type> {
  const auto found = map.find(key);
  if (found == map.end()) return fail(Code::not_found, "no such thing");
  return found->second;
}

template <class Map, class Key>
Generation generation_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second.generation : 0;
}

// Puts value in place of the row of the same generation, and how to undo that on the pile.
template <class Map, class Value>
bool put(Map& map, const typename Map::key_type& key, Value value,
         std::vector<std::function<void()>>& undo) {
  if (generation_in(map, key) != value.generation) return false;
  if (const auto old = map.find(key); old != map.end())
    undo.push_back([&map, key, row = old->second] { map[key] = row; });
  else
    undo.push_back([&map, key] { map.erase(key); });
  ++value.generation;
  map[key] = std::move(value);
  return true;
}

}  // namespace

void MemoryStore::fail_commits(bool failing) {
  const std::lock_guard lock(mutex_);
  failing_ = failing;
}

void MemoryStore::fail_reads(bool failing) {
  const std::lock_guard lock(mutex_);
  failing_reads_ = failing;
}

void MemoryStore::set_restored(bool restored) {
  const std::lock_guard lock(mutex_);
  restored_ = restored;
}

void MemoryStore::commit(Change change, Done done) {
  if (auto other = std::exchange(before_commit_, {})) other();
  Result<Applied> result =
      fail(Code::unavailable, "not recorded: the disk is full; make room, then try again");
  {
    const std::lock_guard lock(mutex_);
    if (!failing_) result = apply(change);
  }
  done(std::move(result));
}

Applied MemoryStore::apply(const Change& change) {
  struct Now {
    Generation operator()(const UserId& id) const { return generation_in(rows.users, id); }
    Generation operator()(const AuthenticatorId& id) const {
      return generation_in(rows.authenticators, id);
    }
    Generation operator()(const ThrottleKey& key) const {
      return generation_in(rows.throttles, key);
    }
    Generation operator()(const std::string& name) const {
      return generation_in(rows.settings, name);
    }
    Generation operator()(const ImportId& id) const { return generation_in(rows.imports, id); }
    Generation operator()(const MachineId& id) const { return generation_in(rows.machines, id); }
    const Rows& rows;
  };
  for (const Require& require : change.require)
    if (std::visit(Now{rows_}, require.what) != require.generation) return Applied::conflict;
  std::vector<std::function<void()>> undo;
  for (const Write& each : change.writes) {
    if (write(rows_, each, undo)) continue;
    while (!undo.empty()) {
      undo.back()();
      undo.pop_back();
    }
    return Applied::conflict;
  }
  for (const audit::Event& event : change.events) {
    audit::Record record{head_.sequence + 1, audit::to_line(event), {}};
    record.hash = audit::link(head_.hash, record.sequence, record.line);
    head_ = signed_head(record.sequence, record.hash);
    events_.emplace(record.sequence, std::move(record));
  }
  return Applied::yes;
}

bool MemoryStore::write(Rows& rows, const Write& write,
                        std::vector<std::function<void()>>& undo) const {
  struct Writer {
    bool operator()(const User& user) const {
      const auto before = rows.users.find(user.id);
      const bool same_name =
          before != rows.users.end() && fold_case(before->second.name) == fold_case(user.name);
      for (const auto& [id, other] : rows.users) {
        if (id == user.id) continue;
        if (other.name == user.name ||
            (!same_name && fold_case(other.name) == fold_case(user.name)))
          return false;
        if (!user.login.empty() && other.login == user.login) return false;
      }
      return put(rows.users, user.id, user, undo);
    }
    bool operator()(const Authenticator& value) const {
      if (value.user && !rows.users.contains(value.user)) return false;
      if (value.status != Status::revoked)
        for (const auto& [id, other] : rows.authenticators) {
          if (id == value.id || other.status == Status::revoked) continue;
          if (!value.serial.empty() && other.serial == value.serial) return false;
          if (!value.handle.empty() && other.kind == value.kind && other.handle == value.handle)
            return false;
        }
      return put(rows.authenticators, value.id, value, undo);
    }
    bool operator()(const Advance& advance) const {
      const auto found = rows.authenticators.find(advance.authenticator);
      if (found == rows.authenticators.end() || found->second.user != advance.user) return false;
      Authenticator moved = found->second;
      moved.generation = advance.generation;
      moved.progress = advance.progress;
      return put(rows.authenticators, moved.id, moved, undo);
    }
    bool operator()(const Throttle& throttle) const {
      return put(rows.throttles, throttle.key, throttle, undo);
    }
    bool operator()(const Setting& setting) const {
      return put(rows.settings, setting.name, setting, undo);
    }
    bool operator()(const Import& import) const {
      return put(rows.imports, import.id, import, undo);
    }
    bool operator()(const Machine& machine) const {
      for (const auto& [id, other] : rows.machines)
        if (id != machine.id && other.handle == machine.handle) return false;
      return put(rows.machines, machine.id, machine, undo);
    }
    Rows& rows;
    std::vector<std::function<void()>>& undo;
  };
  return std::visit(Writer{rows, undo}, write);
}

bool MemoryStore::visible(const Authenticator& authenticator) const {
  if (!authenticator.import) return true;
  const auto found = rows_.imports.find(authenticator.import);
  return found != rows_.imports.end() && found->second.state == ImportState::complete;
}

Result<std::shared_ptr<const UserRecord>> MemoryStore::find_user(auto&& wanted) {
  const std::lock_guard lock(mutex_);
  if (failing_reads_) return fail(Code::unavailable, "the store can't be read");
  const auto found =
      std::ranges::find_if(rows_.users, [&](const auto& row) { return wanted(row.second); });
  if (found == rows_.users.end()) return fail(Code::not_found, "no such user");
  auto record = std::make_shared<UserRecord>(UserRecord{.user = found->second});
  for (const auto& [id, authenticator] : rows_.authenticators)
    if (authenticator.user == found->first && visible(authenticator))
      record->authenticators.push_back(authenticator);
  const ThrottleKey key{found->first.value};
  record->throttle = find_or_fail(rows_.throttles, key).value_or(Throttle{.key = key});
  return record;
}

Result<std::shared_ptr<const UserRecord>> MemoryStore::user_by_name(const std::string& name) {
  auto exact = find_user([&](const User& user) { return user.name == name; });
  if (exact || names_like(name)->size() != 1) return exact;
  return find_user([&](const User& user) { return fold_case(user.name) == fold_case(name); });
}

Result<std::vector<std::string>> MemoryStore::names_like(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [id, user] : rows_.users)
    if (fold_case(user.name) == fold_case(name)) names.push_back(user.name);
  return names;
}

Result<std::vector<std::string>> MemoryStore::names_by_case() { return std::vector<std::string>(); }

Result<std::shared_ptr<const UserRecord>> MemoryStore::user_like_login(const std::string& login) {
  return find_user([&](const User& user) {
    return !login.empty() && fold_case(user.login) == fold_case(login);
  });
}

Result<std::shared_ptr<const UserRecord>> MemoryStore::user_by_login(const std::string& login) {
  return find_user([&](const User& user) { return !login.empty() && user.login == login; });
}

Result<std::shared_ptr<const UserRecord>> MemoryStore::user_by_id(UserId id) {
  return find_user([&](const User& user) { return user.id == id; });
}

Result<Authenticator> MemoryStore::authenticator(AuthenticatorId id) {
  const std::lock_guard lock(mutex_);
  auto found = find_or_fail(rows_.authenticators, id);
  if (found && !visible(*found)) return fail(Code::not_found, "no such thing");
  return found;
}

Result<Throttle> MemoryStore::throttle(ThrottleKey key) {
  const std::lock_guard lock(mutex_);
  return find_or_fail(rows_.throttles, key).value_or(Throttle{.key = key});
}

Result<std::vector<std::string>> MemoryStore::serials_taken(
    const std::vector<std::string>& serials) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> taken;
  for (const std::string& serial : serials)
    if (!serial.empty() && std::ranges::any_of(rows_.authenticators, [&](const auto& row) {
          return row.second.serial == serial && row.second.status != Status::revoked;
        }))
      taken.push_back(serial);
  return taken;
}

Result<Setting> MemoryStore::setting(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return find_or_fail(rows_.settings, name);
}

Result<Import> MemoryStore::import(ImportId id) {
  const std::lock_guard lock(mutex_);
  return find_or_fail(rows_.imports, id);
}

Result<Machine> MemoryStore::machine(MachineId id) {
  const std::lock_guard lock(mutex_);
  return find_or_fail(rows_.machines, id);
}

Result<Machine> MemoryStore::machine_by_handle(const Bytes& handle) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, machine] : rows_.machines)
    if (machine.handle == handle) return machine;
  return fail(Code::not_found, "no such machine");
}

Result<std::vector<Machine>> MemoryStore::machines(const MachineFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::vector<Machine> page;
  for (auto row = rows_.machines.upper_bound(filter.after);
       row != rows_.machines.end() && page.size() < std::min(filter.limit, longest_page); ++row)
    if (row->second.kind == filter.kind.value_or(row->second.kind) &&
        row->second.status == filter.status.value_or(row->second.status))
      page.push_back(row->second);
  return page;
}

UserSummary MemoryStore::summary(const User& user) const {
  UserSummary summary{.user = user};
  for (const auto& [id, authenticator] : rows_.authenticators) {
    if (authenticator.user != user.id || !visible(authenticator)) continue;
    ++summary.ever;
    if (authenticator.status == Status::active) ++summary.active;
  }
  return summary;
}

Result<std::vector<UserSummary>> MemoryStore::users(const UserFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, const User*> by_name;
  for (const auto& [id, user] : rows_.users) by_name[user.name] = &user;
  std::vector<UserSummary> page;
  for (auto row = by_name.upper_bound(filter.after);
       row != by_name.end() && page.size() < std::min(filter.limit, longest_page); ++row) {
    const User& user = *row->second;
    if (user.role != filter.role.value_or(user.role) ||
        user.location != filter.location.value_or(user.location) ||
        user.audience != filter.audience.value_or(user.audience))
      continue;
    if (filter.service_accounts.value_or(user.service_account.has_value()) !=
        user.service_account.has_value())
      continue;
    const std::string searched = user.name + '\n' + user.display_name + '\n' + user.login + '\n' +
                                 user.email + '\n' + user.phone;
    if (!fold_case(searched).contains(fold_case(filter.search))) continue;
    auto summed = summary(user);
    if (!filter.without_factor || summed.active == 0) page.push_back(std::move(summed));
  }
  return page;
}

Result<std::vector<Authenticator>> MemoryStore::authenticators(const AuthenticatorFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::vector<Authenticator> page;
  auto row = rows_.authenticators.upper_bound(filter.after);
  for (; row != rows_.authenticators.end() && page.size() < std::min(filter.limit, longest_page);
       ++row) {
    const Authenticator& each = row->second;
    if (visible(each) && each.user == filter.user.value_or(each.user) &&
        each.kind == filter.kind.value_or(each.kind) &&
        each.status == filter.status.value_or(each.status) &&
        each.serial == filter.serial.value_or(each.serial) &&
        each.handle == filter.handle.value_or(each.handle))
      page.push_back(each);
  }
  return page;
}

Result<std::vector<LocationCoverage>> MemoryStore::coverage(const CoverageFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, LocationCoverage> covered;
  for (const auto& [id, user] : rows_.users) {
    if (user.suspended || user.location != filter.location.value_or(user.location)) continue;
    if (user.service_account && !filter.service_accounts) continue;
    auto& entry = covered[user.location];
    entry.location = user.location;
    ++entry.users;
    if (summary(user).active != 0) ++entry.with_factor;
  }
  std::vector<LocationCoverage> all;
  for (auto& [name, entry] : covered) all.push_back(entry);
  return all;
}

Result<std::vector<audit::Record>> MemoryStore::events(std::int64_t after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<audit::Record> page;
  for (auto row = events_.upper_bound(after);
       row != events_.end() && page.size() < std::min(limit, longest_page); ++row)
    page.push_back(row->second);
  return page;
}

audit::Head MemoryStore::signed_head(std::int64_t sequence, const audit::Digest& hash) const {
  return {sequence, hash, signer_.sign(audit::head_message(sequence, hash))};
}

Result<audit::Head> MemoryStore::head() {
  const std::lock_guard lock(mutex_);
  return head_;
}

Result<audit::Head> MemoryStore::checkpoint() {
  const std::lock_guard lock(mutex_);
  return checkpoint_;
}

Result<void> MemoryStore::prune(std::int64_t through) {
  const std::lock_guard lock(mutex_);
  if (through > head_.sequence) return fail(Code::invalid, "the audit log does not go that far");
  const auto last = events_.find(through);
  if (last == events_.end()) return {};
  checkpoint_ = signed_head(through, last->second.hash);
  events_.erase(events_.begin(), std::next(last));
  return {};
}

bool MemoryStore::restored() {
  const std::lock_guard lock(mutex_);
  return restored_;
}

Result<void> MemoryStore::accept_restored() {
  set_restored(false);
  return {};
}

Result<void> MemoryStore::hold(Pending pending, std::size_t cap_per_owner, Time now) {
  return volatile_.hold(std::move(pending), cap_per_owner, now);
}

Result<void> MemoryStore::hold_instead(Pending pending, std::size_t cap_per_owner, Time now) {
  return volatile_.hold_instead(std::move(pending), cap_per_owner, now);
}

Result<Pending> MemoryStore::take(const std::string& id, Time now) {
  return volatile_.take(id, now);
}

Result<Pending> MemoryStore::seen(const std::string& id, Time now) {
  return volatile_.seen(id, now);
}

Result<Generation> MemoryStore::renew(Pending pending, Time now) {
  return volatile_.renew(std::move(pending), now);
}

Result<void> MemoryStore::take_seen(const Pending& pending, Time now) {
  return volatile_.take_seen(pending, now);
}

}  // namespace countersign::fakes
