// SPDX-License-Identifier: Apache-2.0
// Changes into the database: the preconditions, the rows, the audit chain. One transaction at a
// time.
#pragma once

#include <memory>
#include <unordered_set>

#include "core/crypto/signer.h"
#include "core/ports/store.h"
#include "daemon/store/cache.h"
#include "daemon/store/spent.h"
#include "daemon/store/sql.h"

namespace countersign {

struct ChainEnd {
  std::int64_t sequence = 0;
  audit::Digest hash{};
};

// For the writer thread alone. begin, apply as often as there are changes, then commit; after any
// error, rollback.
class Applier {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Applier>> make(
      sql::Connection& connection, RecordCache& cache, Spent& spent,
      std::shared_ptr<const crypto::Signer> signer);

  [[nodiscard]] Result<void> begin();
  // Conflict leaves no trace. An error leaves the transaction unusable. lines: of the change's
  // events, made by audit::to_line on the thread that asked, which has time. The change must live
  // until publish().
  [[nodiscard]] Result<Applied> apply(const Change& change, const std::vector<std::string>& lines);
  // Signs the chain's new end and makes all of it durable.
  [[nodiscard]] Result<void> commit();
  // Tells the cache what was committed.
  void publish();
  // Whatever happened since begin() did not, as far as this process can tell; where the chain ends
  // is read again.
  void rollback();

  // Drops events up to this one in a transaction of its own, between the others.
  [[nodiscard]] Result<void> prune(std::int64_t through);

  // Of what is committed; between transactions. After a rollback the database is asked.
  [[nodiscard]] Result<ChainEnd> end();
  [[nodiscard]] bool dropped_import() const { return dropped_import_; }  // in the last transaction

 private:
  Applier(sql::Connection& connection, RecordCache& cache, Spent& spent,
          std::shared_ptr<const crypto::Signer> signer)
      : connection_(connection), cache_(cache), spent_(spent), signer_(std::move(signer)) {}
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<void> read_end();
  [[nodiscard]] Result<void> prune_within(std::int64_t through);

  // What the database holds now, this transaction's changes included; 0: no such row.
  [[nodiscard]] Result<Generation> generation(const UserId& id);
  [[nodiscard]] Result<Generation> generation(const AuthenticatorId& id);
  [[nodiscard]] Result<Generation> generation(const ThrottleKey& key);
  [[nodiscard]] Result<Generation> generation(const std::string& setting);
  [[nodiscard]] Result<Generation> generation(const ImportId& id);
  [[nodiscard]] Result<Generation> generation(const MachineId& id);
  [[nodiscard]] Result<bool> still_at(const Write& write);
  [[nodiscard]] const UserRecord* snapshot(UserId id);

  // False: its generation has moved, or a constraint refused it.
  [[nodiscard]] Result<bool> write(const User& user);
  [[nodiscard]] Result<bool> write(const Authenticator& authenticator);
  [[nodiscard]] Result<bool> write(const Advance& advance);
  [[nodiscard]] Result<bool> write(const Throttle& throttle);
  [[nodiscard]] Result<bool> write(const Setting& setting);
  [[nodiscard]] Result<bool> write(const Import& import);
  [[nodiscard]] Result<bool> write(const Machine& machine);
  [[nodiscard]] Result<Applied> write_all(const Change& change);
  [[nodiscard]] Result<Applied> write_all_or_undo(const Change& change);
  [[nodiscard]] Result<void> append(const std::string& line);
  void touch(UserId id);

  sql::Connection& connection_;
  RecordCache& cache_;
  Spent& spent_;
  std::shared_ptr<const crypto::Signer> signer_;

  ChainEnd end_;
  bool end_known_ = true;
  bool signed_ = true;
  bool imports_changed_ = false;
  bool dropped_import_ = false;
  std::unordered_set<std::int64_t>
      touched_;  // users whose cached snapshot this transaction has left behind
  RecordCache::Record last_snapshot_;
  std::vector<const Write*> written_;
  std::vector<UserId> moved_;

  sql::Statement begin_, commit_, rollback_, savepoint_, release_, undo_;
  sql::Statement user_at_, authenticator_at_, throttle_at_, setting_at_, import_at_, machine_at_,
      owner_;
  sql::Statement insert_user_, update_user_, insert_authenticator_, update_authenticator_, advance_,
      insert_throttle_, update_throttle_, insert_setting_, update_setting_, insert_import_,
      update_import_, insert_machine_, update_machine_;
  sql::Statement append_, anchor_, read_anchor_, hash_at_, drop_events_;
};

}  // namespace countersign
