// SPDX-License-Identifier: Apache-2.0
// Values as rows: the order of columns and the numbers that stand for enums on disk. Private to
// this folder.
#pragma once

#include "core/ports/store.h"
#include "daemon/store/sql.h"

namespace countersign::rows {

// For SELECT lists; read_... below expect exactly these from the given column on.
#define COUNTERSIGN_USER_COLUMNS                                                                   \
  "u.id, u.generation, u.name, u.display_name, u.audience, u.location, u.phone, u.email, u.role, " \
  "u.login, u.suspended, u.created, "                                                              \
  "u.skipped, u.admitted, u.service_account"
#define COUNTERSIGN_AUTHENTICATOR_COLUMNS                                                       \
  "a.id, a.generation, a.user_id, a.kind, a.status, a.label, a.serial, a.algorithm, a.digits, " \
  "a.period, a.epoch, a.material, "                                                             \
  "a.counter, a.detail, a.last_used, a.import_id, a.created, a.ended, a.handle, a.basis"
#define COUNTERSIGN_MACHINE_COLUMNS                                                              \
  "m.id, m.generation, m.kind, m.status, m.name, m.handle, m.key, m.digests, m.hardware_bound, " \
  "m.recognitions, m.created"
// An authenticator of an import counts once that import is complete (state 2).
#define COUNTERSIGN_VISIBLE \
  "(a.import_id = 0 OR EXISTS(SELECT 1 FROM import i WHERE i.id = a.import_id AND i.state = 2))"

// The numbers on disk; never reused, never renumbered.
[[nodiscard]] int to_number(Role role);
[[nodiscard]] int to_number(Kind kind);
[[nodiscard]] int to_number(Status status);
[[nodiscard]] int to_number(HashAlgorithm algorithm);
[[nodiscard]] int to_number(ImportState state);
[[nodiscard]] int to_number(MachineKind kind);
[[nodiscard]] int to_number(MachineStatus status);

// Code::corrupt when a number stands for nothing.
[[nodiscard]] Result<User> read_user(const sql::Rows& row);
inline constexpr int user_columns = 15;
[[nodiscard]] Result<Authenticator> read_authenticator(const sql::Rows& row);
[[nodiscard]] Result<Machine> read_machine(const sql::Rows& row);
[[nodiscard]] Result<Import> read_import(
    const sql::Rows& row);  // id, generation, state, started, rows, digest, basis
[[nodiscard]] Result<Throttle> read_throttle(
    const sql::Rows& row);  // id, generation, counts, last_failure, month_start, month_failures
[[nodiscard]] Bytes pack_counts(const std::vector<Throttle::Count>& counts);
[[nodiscard]] Result<audit::Digest> to_digest(BytesView hash);

}  // namespace countersign::rows
