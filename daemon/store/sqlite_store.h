// SPDX-License-Identifier: Apache-2.0
// The embedded store: one SQLite file in the state folder, one writer thread, group commit.
#pragma once

#include <memory>
#include <mutex>

#include "core/base/time.h"
#include "core/crypto/signer.h"
#include "core/ports/store.h"
#include "daemon/store/cache.h"
#include "daemon/store/committer.h"
#include "daemon/store/epoch.h"
#include "daemon/store/list_reads.h"
#include "daemon/store/point_reads.h"
#include "daemon/store/volatile.h"

namespace countersign {

// A store is one or the other for good (T50). The numbers are on disk.
enum class StoreKind : int { production = 1, demo = 2 };

// Files: FOLDER/store.db (and SQLite's -wal and -shm), FOLDER/lock; the epoch beside the folder.
// All are mode 0600 in a folder of mode 0700, and are refused with any wider mode (T20).
//
// prune and accept_restored wait for the writer thread: never call them from a done that runs on
// that thread.
class SqliteStore final : public Store {
 public:
  struct Options {
    std::string folder;
    std::string epoch_file;  // empty: FOLDER.epoch
    std::size_t cached_users =
        100'000;                // in memory; a user with one authenticator takes about 1 KiB
    const char* vfs = nullptr;  // SQLite's name of another file layer, for fault tests
    Deliver deliver;            // where dones run; empty: on the writer thread
  };

  [[nodiscard]] static bool exists(const std::string& folder);
  // Makes the folder if need be, and in it a store with these settings (each gets generation 1).
  // All of it or nothing; Code::exists when a store is there. The store is opened as by open().
  [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> create(
      Options options, StoreKind kind, const std::vector<Setting>& settings);
  // not_found when there is none; exists when another daemon has it; not_permitted for unsafe
  // files; invalid for the file of a newer program, or a demo store put in place of a production
  // store or the reverse.
  [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> open(Options options);
  ~SqliteStore() override;

  [[nodiscard]] StoreKind kind() const { return kind_; }
  // From here on commits are taken; before, they are refused as unavailable. Call it once, before
  // other threads come.
  [[nodiscard]] Result<void> start(std::shared_ptr<const crypto::Signer> signer);

  void commit(Change change, Done done) override;
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> user_by_name(
      const std::string& name) override;
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> user_by_login(
      const std::string& login) override;
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> user_like_login(
      const std::string& login) override;
  [[nodiscard]] Result<std::vector<std::string>> names_like(const std::string& name) override;
  [[nodiscard]] Result<std::vector<std::string>> names_by_case() override;
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> user_by_id(UserId id) override;
  [[nodiscard]] Result<Authenticator> authenticator(AuthenticatorId id) override;
  [[nodiscard]] Result<Throttle> throttle(ThrottleKey key) override;
  [[nodiscard]] Result<std::vector<std::string>> serials_taken(
      const std::vector<std::string>& serials) override;
  [[nodiscard]] Result<Setting> setting(const std::string& name) override;
  [[nodiscard]] Result<Import> import(ImportId id) override;
  [[nodiscard]] Result<Machine> machine(MachineId id) override;
  [[nodiscard]] Result<Machine> machine_by_handle(const Bytes& handle) override;
  [[nodiscard]] Result<std::vector<Machine>> machines(const MachineFilter& filter) override;
  [[nodiscard]] Result<std::vector<UserSummary>> users(const UserFilter& filter) override;
  [[nodiscard]] Result<std::vector<Authenticator>> authenticators(
      const AuthenticatorFilter& filter) override;
  [[nodiscard]] Result<std::vector<LocationCoverage>> coverage(
      const CoverageFilter& filter) override;
  [[nodiscard]] Result<std::vector<audit::Record>> events(std::int64_t after,
                                                          std::size_t limit) override;
  [[nodiscard]] Result<audit::Head> head() override;
  [[nodiscard]] Result<audit::Head> checkpoint() override;
  [[nodiscard]] Result<void> prune(std::int64_t through) override;
  [[nodiscard]] bool restored() override { return restored_; }
  [[nodiscard]] Result<void> accept_restored() override;
  [[nodiscard]] Result<void> hold(Pending pending, std::size_t cap_per_owner, Time now) override;
  [[nodiscard]] Result<void> hold_instead(Pending pending, std::size_t cap_per_owner,
                                          Time now) override;
  [[nodiscard]] Result<Pending> take(const std::string& id, Time now) override;
  [[nodiscard]] Result<Pending> seen(const std::string& id, Time now) override;
  [[nodiscard]] Result<Generation> renew(Pending pending, Time now) override;
  [[nodiscard]] Result<void> take_seen(const Pending& pending, Time now) override;

 private:
  explicit SqliteStore(Options options);
  [[nodiscard]] Result<void> open_files();
  [[nodiscard]] Result<void> open_reads();
  [[nodiscard]] Result<void> compare_epoch();
  [[nodiscard]] Result<bool> epoch_matches();
  [[nodiscard]] EpochRecord epoch_at(const ChainEnd& end) const;
  void note_epoch(const ChainEnd& end);                          // soon
  [[nodiscard]] Result<void> record_epoch(const ChainEnd& end);  // durably
  // From the cache, or read and cached.
  [[nodiscard]] Result<RecordCache::Record> through_cache(RecordCache::Record cached, auto&& read);

  // Declared in the order of making; the reverse is the order in which threads stop and files
  // close.
  const Options options_;
  Descriptor lock_;
  StoreKind kind_ = StoreKind::production;
  StoreId store_id_{};
  std::unique_ptr<Epoch> epoch_;  // none until accept_restored, when it was missing
  std::atomic<bool> restored_ = false;
  Volatile volatile_;
  Spent spent_;
  RecordCache cache_;
  std::unique_ptr<sql::Connection> writer_, point_connection_, list_connection_;
  std::mutex point_mutex_, list_mutex_;
  std::unique_ptr<PointReads> points_;
  std::unique_ptr<ListReads> lists_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Sweep> sweep_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace countersign
