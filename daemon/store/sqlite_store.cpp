// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_store.h"

namespace countersign {

SqliteStore::~SqliteStore() = default;

Result<void> SqliteStore::start(std::shared_ptr<const crypto::Signer> signer) {
  auto applier = TRY(Applier::make(*writer_, cache_, spent_, std::move(signer)));
  auto sweep = TRY(Sweep::make(*writer_));
  TRY(Sweep::drop_open_imports(*writer_));
  auto checkpoints = TRY(sql::Connection::open(options_.folder + "/store.db",
                                               sql::Connection::Mode::read_write, options_.vfs));
  TRY(checkpoints.script("PRAGMA synchronous = FULL"));
  applier_ = std::move(applier);
  sweep_ = std::move(sweep);
  checkpointer_ = std::make_unique<Checkpointer>(std::move(checkpoints), [epoch = epoch_.get()] {
    if (epoch != nullptr) (void)epoch->sync();
  });
  auto deliver = options_.deliver ? options_.deliver
                                  : [](std::move_only_function<void()> answers) { answers(); };
  committer_ = std::make_unique<Committer>(
      Committer::Parts{*writer_, *applier_, *sweep_, spent_, *checkpointer_,
                       [this](const ChainEnd& end) { note_epoch(end); }, std::move(deliver)});
  return {};
}

void SqliteStore::commit(Change change, Done done) {
  if (committer_ != nullptr)
    committer_->commit(std::move(change), std::move(done));
  else
    done(fail(Code::unavailable, "the store has not started yet; try again in a moment"));
}

Result<RecordCache::Record> SqliteStore::through_cache(RecordCache::Record cached, auto&& read) {
  if (cached != nullptr) return cached;
  const auto version = cache_.version();
  const std::lock_guard lock(point_mutex_);
  auto record = read(*points_);
  if (record) cache_.insert(*record, version);
  return record;
}

Result<RecordCache::Record> SqliteStore::user_by_name(const std::string& name) {
  return through_cache(cache_.by_name(name),
                       [&](PointReads& reads) { return reads.user_by_name(name); });
}

Result<RecordCache::Record> SqliteStore::user_by_login(const std::string& login) {
  return through_cache(cache_.by_login(login),
                       [&](PointReads& reads) { return reads.user_by_login(login); });
}

Result<RecordCache::Record> SqliteStore::user_like_login(const std::string& login) {
  return through_cache(cache_.by_login(login),
                       [&](PointReads& reads) { return reads.user_like_login(login); });
}

Result<std::vector<std::string>> SqliteStore::names_like(const std::string& name) {
  const std::lock_guard lock(list_mutex_);
  return lists_->names_like(name);
}

Result<std::vector<std::string>> SqliteStore::names_by_case() {
  const std::lock_guard lock(list_mutex_);
  return lists_->names_by_case();
}

Result<RecordCache::Record> SqliteStore::user_by_id(UserId id) {
  return through_cache(cache_.by_id(id), [&](PointReads& reads) { return reads.user_by_id(id); });
}

Result<Throttle> SqliteStore::throttle(ThrottleKey key) {
  if (key.value > 0)
    if (const auto cached = cache_.by_id(UserId{key.value})) return cached->throttle;
  const std::lock_guard lock(point_mutex_);
  return points_->throttle(key);
}

Result<Authenticator> SqliteStore::authenticator(AuthenticatorId id) {
  const std::lock_guard lock(point_mutex_);
  return points_->authenticator(id);
}

Result<std::vector<std::string>> SqliteStore::serials_taken(
    const std::vector<std::string>& serials) {
  const std::lock_guard lock(point_mutex_);
  return points_->serials_taken(serials);
}

Result<Setting> SqliteStore::setting(const std::string& name) {
  const std::lock_guard lock(point_mutex_);
  return points_->setting(name);
}

Result<Import> SqliteStore::import(ImportId id) {
  const std::lock_guard lock(point_mutex_);
  return points_->import(id);
}

Result<Machine> SqliteStore::machine(MachineId id) {
  const std::lock_guard lock(point_mutex_);
  return points_->machine(id);
}

Result<Machine> SqliteStore::machine_by_handle(const Bytes& handle) {
  const std::lock_guard lock(point_mutex_);
  return points_->machine_by_handle(handle);
}

Result<std::vector<Machine>> SqliteStore::machines(const MachineFilter& filter) {
  const std::lock_guard lock(list_mutex_);
  return lists_->machines(filter);
}

Result<std::vector<UserSummary>> SqliteStore::users(const UserFilter& filter) {
  const std::lock_guard lock(list_mutex_);
  return lists_->users(filter);
}

Result<std::vector<Authenticator>> SqliteStore::authenticators(const AuthenticatorFilter& filter) {
  const std::lock_guard lock(list_mutex_);
  return lists_->authenticators(filter);
}

Result<std::vector<LocationCoverage>> SqliteStore::coverage(const CoverageFilter& filter) {
  const std::lock_guard lock(list_mutex_);
  return lists_->coverage(filter);
}

Result<std::vector<audit::Record>> SqliteStore::events(std::int64_t after, std::size_t limit) {
  const std::lock_guard lock(list_mutex_);
  return lists_->events(after, limit);
}

Result<audit::Head> SqliteStore::head() {
  const std::lock_guard lock(list_mutex_);
  return lists_->head();
}

Result<audit::Head> SqliteStore::checkpoint() {
  const std::lock_guard lock(list_mutex_);
  return lists_->checkpoint();
}

Result<void> SqliteStore::prune(std::int64_t through) {
  if (committer_ == nullptr)
    return fail(Code::unavailable, "the store has not started yet; try again in a moment");
  return committer_->run([this, through]() -> Result<void> {
    // The epoch must not be left pointing at an event that is gone.
    const auto end = TRY(applier_->end());
    if (!restored_) TRY(record_epoch(end));
    return applier_->prune(through);
  });
}

Result<void> SqliteStore::hold(Pending pending, std::size_t cap_per_owner, Time now) {
  return volatile_.hold(std::move(pending), cap_per_owner, now);
}

Result<void> SqliteStore::hold_instead(Pending pending, std::size_t cap_per_owner, Time now) {
  return volatile_.hold_instead(std::move(pending), cap_per_owner, now);
}

Result<Pending> SqliteStore::take(const std::string& id, Time now) {
  return volatile_.take(id, now);
}

Result<Pending> SqliteStore::seen(const std::string& id, Time now) {
  return volatile_.seen(id, now);
}

Result<Generation> SqliteStore::renew(Pending pending, Time now) {
  return volatile_.renew(std::move(pending), now);
}

Result<void> SqliteStore::take_seen(const Pending& pending, Time now) {
  return volatile_.take_seen(pending, now);
}

}  // namespace countersign
