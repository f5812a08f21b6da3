// SPDX-License-Identifier: Apache-2.0
// A Store in memory for tests of what stands on it; held to the same contract tests as the real
// ones.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "core/base/time.h"
#include "core/crypto/signer.h"
#include "core/ports/store.h"
#include "daemon/store/volatile.h"

namespace countersign::fakes {

// commit runs done before it returns.
class MemoryStore final : public Store {
 public:
  // While set, commits fail and record nothing, as on a full disk.
  void fail_commits(bool failing);
  // While set, nothing can be read about a user.
  void fail_reads(bool failing);
  void set_restored(bool restored);
  // Runs once, at the beginning of the next commit: what somebody else does in the middle of an
  // operation.
  void before_next_commit(std::move_only_function<void()> other) {
    before_commit_ = std::move(other);
  }
  [[nodiscard]] const Bytes& public_key() const { return signer_.public_key(); }

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
  [[nodiscard]] bool restored() override;
  [[nodiscard]] Result<void> accept_restored() override;
  [[nodiscard]] Result<void> hold(Pending pending, std::size_t cap_per_owner, Time now) override;
  [[nodiscard]] Result<void> hold_instead(Pending pending, std::size_t cap_per_owner,
                                          Time now) override;
  [[nodiscard]] Result<Pending> take(const std::string& id, Time now) override;
  [[nodiscard]] Result<Pending> seen(const std::string& id, Time now) override;
  [[nodiscard]] Result<Generation> renew(Pending pending, Time now) override;
  [[nodiscard]] Result<void> take_seen(const Pending& pending, Time now) override;

 private:
  // All that a Change can touch. A change is tried on copies of the rows it names.
  struct Rows {
    std::map<UserId, User> users;
    std::map<AuthenticatorId, Authenticator> authenticators;
    std::map<ThrottleKey, Throttle> throttles;
    std::map<std::string, Setting> settings;
    std::map<ImportId, Import> imports;
    std::map<MachineId, Machine> machines;
  };
  [[nodiscard]] Applied apply(const Change& change);
  [[nodiscard]] bool write(Rows& rows, const Write& write,
                           std::vector<std::function<void()>>& undo) const;
  [[nodiscard]] bool visible(const Authenticator& authenticator) const;
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> find_user(auto&& wanted);
  [[nodiscard]] UserSummary summary(const User& user) const;
  [[nodiscard]] audit::Head signed_head(std::int64_t sequence, const audit::Digest& hash) const;

  std::mutex mutex_;
  Rows rows_;
  std::map<std::int64_t, audit::Record> events_;
  audit::Head head_, checkpoint_;
  std::move_only_function<void()> before_commit_;
  bool failing_ = false;
  bool failing_reads_ = false;
  bool restored_ = false;
  Volatile volatile_;
  const crypto::Signer signer_{Secret(std::size_t{crypto::Signer::seed_size})};
};

}  // namespace countersign::fakes
