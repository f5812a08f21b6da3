// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sweep.h"

namespace countersign {
namespace {

// The table is walked in windows of this many rows: an index on the import would cost every
// enrolment for good.
constexpr int window = 1000;

Result<std::int64_t> one(sql::Rows row) {
  const auto more = TRY(row.next());
  return more ? row.integer(0) : 0;
}

}  // namespace

Result<std::unique_ptr<Sweep>> Sweep::make(sql::Connection& connection) {
  std::unique_ptr<Sweep> sweep(new Sweep(connection));
  sql::Preparer prepare(connection);
  prepare(sweep->begin_, "BEGIN IMMEDIATE")(sweep->commit_, "COMMIT")(sweep->rollback_, "ROLLBACK");
  prepare(sweep->next_import_, "SELECT id FROM import WHERE state = 3 AND swept = 0 LIMIT 1");
  prepare(sweep->window_end_,
          "SELECT max(id) FROM (SELECT id FROM authenticator WHERE id > ?1 ORDER BY id LIMIT ?2)");
  prepare(sweep->delete_,
          "DELETE FROM authenticator WHERE id > ?1 AND id <= ?2 AND import_id = ?3");
  prepare(sweep->done_, "UPDATE import SET swept = 1 WHERE id = ?1");
  if (!prepare.result()) return std::unexpected(prepare.result().error());
  return sweep;
}

Result<void> Sweep::drop_open_imports(sql::Connection& connection) {
  return connection.script(
      "UPDATE import SET state = 3, generation = generation + 1 WHERE state = 1");
}

Result<bool> Sweep::step() {
  if (import_ == 0) {
    const auto next = TRY(one(next_import_.query()));
    if (next == 0) return false;
    import_ = next;
    after_ = 0;
  }
  TRY(begin_.run());
  auto more = step_within();
  if (more) {
    if (auto done = commit_.run(); !done) more = std::unexpected(done.error());
  }
  if (!more) {
    if (connection_.in_transaction()) (void)rollback_.run();
    import_ = 0;  // from its beginning, next time
  }
  return more;
}

Result<bool> Sweep::step_within() {
  const auto end = TRY(one(window_end_.query(after_, window)));
  if (end == 0) {
    TRY(done_.run(import_));
    import_ = 0;
    return true;
  }
  TRY(delete_.run(after_, end, import_));
  after_ = end;
  return true;
}

}  // namespace countersign
