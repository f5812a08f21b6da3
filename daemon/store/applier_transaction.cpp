// SPDX-License-Identifier: Apache-2.0
// The frame around the changes of an Applier: its statements, begin, commit, rollback, prune.
#include <fmt/format.h>

#include "daemon/store/applier.h"
#include "daemon/store/rows.h"

namespace countersign {
namespace {

constexpr int head_row = 1;
constexpr int checkpoint_row = 2;

}  // namespace

Result<std::unique_ptr<Applier>> Applier::make(sql::Connection& connection, RecordCache& cache,
                                               Spent& spent,
                                               std::shared_ptr<const crypto::Signer> signer) {
  std::unique_ptr<Applier> applier(new Applier(connection, cache, spent, std::move(signer)));
  TRY(applier->prepare());
  TRY(applier->read_end());
  return applier;
}

// Inserts and updates of a table take the same parameters: 1 is the key, 2 the generation it was
// read at.
Result<void> Applier::prepare() {
  sql::Preparer prepare(connection_);
  prepare(begin_, "BEGIN IMMEDIATE")(commit_, "COMMIT")(rollback_, "ROLLBACK");
  prepare(savepoint_, "SAVEPOINT change")(release_, "RELEASE change")(undo_, "ROLLBACK TO change");
  prepare(user_at_, "SELECT generation FROM user WHERE id = ?1");
  prepare(authenticator_at_, "SELECT generation FROM authenticator WHERE id = ?1");
  prepare(throttle_at_, "SELECT generation FROM throttle WHERE id = ?1");
  prepare(setting_at_, "SELECT generation FROM setting WHERE name = ?1");
  prepare(import_at_, "SELECT generation FROM import WHERE id = ?1");
  prepare(machine_at_, "SELECT generation FROM machine WHERE id = ?1");
  prepare(owner_, "SELECT user_id, generation FROM authenticator WHERE id = ?1");
  prepare(insert_user_,
          "INSERT INTO user(id, generation, name, display_name, audience, location, phone, email, "
          "role, login, suspended, created,"
          " skipped, admitted, service_account, folded, login_folded)"
          " SELECT ?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, fold(?3), "
          "fold(?10)"
          " WHERE NOT EXISTS(SELECT 1 FROM user WHERE folded = fold(?3))");
  prepare(update_user_,
          "UPDATE user SET generation = ?2 + 1, name = ?3, display_name = ?4, audience = ?5, "
          "location = ?6, phone = ?7, email = ?8,"
          " role = ?9, login = ?10, suspended = ?11, created = ?12, skipped = ?13, admitted = ?14, "
          "service_account = ?15,"
          " clash = CASE WHEN folded = fold(?3) THEN clash ELSE 0 END, folded = fold(?3), "
          "login_folded = fold(?10) WHERE id = ?1 AND generation = ?2"
          " AND (folded = fold(?3) OR NOT EXISTS(SELECT 1 FROM user o WHERE o.folded = fold(?3)))");
  prepare(insert_authenticator_,
          "INSERT INTO authenticator(id, generation, user_id, kind, status, label, serial, "
          "algorithm, digits, period, epoch, material,"
          " counter, detail, last_used, import_id, created, ended, handle, basis)"
          " VALUES(?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
          "?18, ?19, ?20)");
  prepare(
      update_authenticator_,
      "UPDATE authenticator SET generation = ?2 + 1, user_id = ?3, kind = ?4, status = ?5, label = "
      "?6, serial = ?7, algorithm = ?8,"
      " digits = ?9, period = ?10, epoch = ?11, material = ?12, counter = ?13, detail = ?14, "
      "last_used = ?15, import_id = ?16,"
      " created = ?17, ended = ?18, handle = ?19, basis = ?20 WHERE id = ?1 AND generation = ?2");
  prepare(advance_,
          "UPDATE authenticator SET generation = ?2 + 1, counter = ?4, detail = ?5, last_used = ?6"
          " WHERE id = ?1 AND generation = ?2 AND user_id = ?3");
  prepare(insert_throttle_,
          "INSERT INTO throttle(id, generation, counts, last_failure, month_start, month_failures) "
          "VALUES(?1, ?2 + 1, ?3, ?4, ?5, ?6)");
  prepare(update_throttle_,
          "UPDATE throttle SET generation = ?2 + 1, counts = ?3, last_failure = ?4, month_start = "
          "?5, month_failures = ?6"
          " WHERE id = ?1 AND generation = ?2");
  prepare(insert_setting_, "INSERT INTO setting(name, generation, value) VALUES(?1, ?2 + 1, ?3)");
  prepare(update_setting_,
          "UPDATE setting SET generation = ?2 + 1, value = ?3 WHERE name = ?1 AND generation = ?2");
  prepare(insert_import_,
          "INSERT INTO import(id, generation, state, started, rows, digest, basis) VALUES(?1, ?2 + "
          "1, ?3, ?4, ?5, ?6, ?7)");
  prepare(update_import_,
          "UPDATE import SET generation = ?2 + 1, state = ?3, started = ?4, rows = ?5, digest = "
          "?6, basis = ?7"
          " WHERE id = ?1 AND generation = ?2");
  prepare(insert_machine_,
          "INSERT INTO machine(id, generation, kind, status, name, handle, key, digests, "
          "hardware_bound, recognitions, created)"
          " VALUES(?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  prepare(
      update_machine_,
      "UPDATE machine SET generation = ?2 + 1, kind = ?3, status = ?4, name = ?5, handle = ?6, key "
      "= ?7, digests = ?8,"
      " hardware_bound = ?9, recognitions = ?10, created = ?11 WHERE id = ?1 AND generation = ?2");
  prepare(append_, "INSERT INTO event(sequence, line, hash) VALUES(?1, ?2, ?3)");
  prepare(anchor_,
          "INSERT OR REPLACE INTO anchor(id, sequence, hash, signature) VALUES(?1, ?2, ?3, ?4)");
  prepare(read_anchor_, "SELECT sequence, hash FROM anchor WHERE id = ?1");
  prepare(hash_at_, "SELECT hash FROM event WHERE sequence = ?1");
  prepare(drop_events_, "DELETE FROM event WHERE sequence <= ?1");
  return prepare.result();
}

Result<void> Applier::read_end() {
  end_known_ = false;
  auto row = read_anchor_.query(head_row);
  const auto more = TRY(row.next());
  ChainEnd read;
  if (more) {
    const auto hash = TRY(rows::to_digest(row.blob(1)));
    read = {row.integer(0), hash};
  }
  end_ = read;
  end_known_ = true;
  return {};
}

Result<ChainEnd> Applier::end() {
  if (!end_known_) TRY(read_end());
  return end_;
}

Result<void> Applier::begin() {
  touched_.clear();
  last_snapshot_ = nullptr;
  written_.clear();
  moved_.clear();
  signed_ = true;
  imports_changed_ = false;
  dropped_import_ = false;
  TRY(end());
  TRY(begin_.run());
  return {};
}

Result<void> Applier::commit() {
  if (!signed_) {
    const Bytes signature = signer_->sign(audit::head_message(end_.sequence, end_.hash));
    TRY(anchor_.run(head_row, end_.sequence, BytesView(end_.hash), signature));
    signed_ = true;
  }
  TRY(commit_.run());
  return {};
}

void Applier::rollback() {
  if (connection_.in_transaction()) (void)rollback_.run();
  cache_.clear();
  end_known_ = false;  // a failed COMMIT may have reached the file; begin() looks
}

Result<void> Applier::prune(std::int64_t through) {
  TRY(begin());
  auto done = prune_within(through);
  if (done) done = commit();
  if (!done) rollback();
  return done;
}

Result<void> Applier::prune_within(std::int64_t through) {
  if (through > end_.sequence)
    return fail(Code::invalid,
                fmt::format("the audit log ends at event {}; it can't be pruned through {}",
                            end_.sequence, through));
  audit::Digest hash{};
  {
    auto row = hash_at_.query(through);
    const auto more = TRY(row.next());
    if (!more) return {};  // pruned before
    const auto read = TRY(rows::to_digest(row.blob(0)));
    hash = read;
  }
  const Bytes signature = signer_->sign(audit::head_message(through, hash));
  TRY(anchor_.run(checkpoint_row, through, BytesView(hash), signature));
  TRY(drop_events_.run(through));
  return {};
}

}  // namespace countersign
