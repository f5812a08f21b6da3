// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/schema.h"

#include <fmt/format.h>

#include <array>

namespace countersign {
namespace {

// Numbers, not names, for kinds and states (codes.h): a million rows. Times are Unix milliseconds,
// 0 for never. An unassigned authenticator has no user (NULL), one that came alone has import 0.
//
// authenticator_serial: one token is bound once; revoked rows keep their serial and are told apart
// by their id, so that one index both enforces this and finds every row of a token.
// authenticator.user_id is checked by a foreign key: a lookup at enrolment only. Nothing else needs
// one, since rows that others point to are never deleted.
constexpr sql::Text version_1 = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE meta(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  store_id BLOB NOT NULL,
  kind INTEGER NOT NULL,
  restored INTEGER NOT NULL
) STRICT;
CREATE TRIGGER meta_is_for_good BEFORE UPDATE OF kind, store_id ON meta
  BEGIN SELECT RAISE(ABORT, 'a store is demo or production for good'); END;
CREATE TRIGGER meta_stays BEFORE DELETE ON meta
  BEGIN SELECT RAISE(ABORT, 'a store is demo or production for good'); END;
CREATE TABLE user(
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  audience TEXT NOT NULL,
  location TEXT NOT NULL,
  phone TEXT NOT NULL,
  email TEXT NOT NULL,
  role INTEGER NOT NULL,
  login TEXT NOT NULL,
  suspended INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX user_login ON user(login) WHERE login <> '';
CREATE TABLE authenticator(
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  user_id INTEGER REFERENCES user(id),
  kind INTEGER NOT NULL,
  status INTEGER NOT NULL,
  label TEXT NOT NULL,
  serial TEXT NOT NULL,
  algorithm INTEGER NOT NULL,
  digits INTEGER NOT NULL,
  period INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  material BLOB NOT NULL,
  counter INTEGER NOT NULL,
  detail INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER NOT NULL
) STRICT;
CREATE INDEX authenticator_user ON authenticator(user_id);
CREATE UNIQUE INDEX authenticator_serial ON authenticator(serial, CASE status WHEN 4 THEN id ELSE 0 END) WHERE serial <> '';
CREATE TABLE throttle(
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  counts BLOB NOT NULL,
  last_failure INTEGER NOT NULL,
  month_start INTEGER NOT NULL,
  month_failures INTEGER NOT NULL
) STRICT;
CREATE TABLE setting(
  name TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE import(
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  state INTEGER NOT NULL,
  started INTEGER NOT NULL,
  swept INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE event(
  sequence INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE TABLE anchor(
  id INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  hash BLOB NOT NULL,
  signature BLOB NOT NULL
) STRICT;
PRAGMA user_version = 1;
COMMIT;
)sql";

// What a proof finds its authenticator by; unique as serials are, within a kind.
constexpr sql::Text version_2 = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE authenticator ADD COLUMN handle BLOB NOT NULL DEFAULT x'';
CREATE UNIQUE INDEX authenticator_handle ON authenticator(handle, kind, CASE status WHEN 4 THEN id ELSE 0 END) WHERE handle <> x'';
PRAGMA user_version = 2;
COMMIT;
)sql";

// What sign-ins need of a user, and the machines they come from. recognitions: CBOR
// (core/recognition.h): a machine is written as a whole, at most once an hour. The handle has 16
// octets or 32 and is random: an index entry takes less than 64.
constexpr sql::Text version_3 = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE user ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN admitted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN service_account TEXT NOT NULL DEFAULT '';
CREATE INDEX user_role ON user(role, name) WHERE role <> 1;
CREATE TABLE machine(
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  status INTEGER NOT NULL,
  name TEXT NOT NULL,
  handle BLOB NOT NULL UNIQUE,
  key BLOB NOT NULL,
  digests BLOB NOT NULL,
  hardware_bound INTEGER NOT NULL,
  recognitions BLOB NOT NULL,
  created INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 3;
COMMIT;
)sql";

// On what a binding rested (core/basis.h). What was active before serves as it did; the rest has to
// be confirmed. Where an administrator ever had an authenticator, bootstrap is over
// (engine/bootstrap.h). Numbers as in rows.cpp: status 2 is active, role 4 is admin.
constexpr sql::Text version_4 = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE authenticator ADD COLUMN basis TEXT NOT NULL DEFAULT '';
UPDATE authenticator SET basis = 'before-upgrade' WHERE status = 2;
ALTER TABLE import ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import ADD COLUMN digest BLOB NOT NULL DEFAULT x'';
ALTER TABLE import ADD COLUMN basis TEXT NOT NULL DEFAULT '';
INSERT INTO setting(name, generation, value)
  SELECT 'bootstrap', 1, CAST('closed' AS BLOB) WHERE EXISTS(SELECT 1 FROM user u JOIN authenticator a ON a.user_id = u.id WHERE u.role = 4);
PRAGMA user_version = 4;
COMMIT;
)sql";

// Names without regard to case (core/fold.h). clash: the id of a user whose name differed by case
// alone from that of an older one before there was this rule; both stay. Whether a name is free is
// asked within the statement that writes it (applier_transaction.cpp).
constexpr sql::Text version_5 = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE user ADD COLUMN folded TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN clash INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN login_folded TEXT NOT NULL DEFAULT '';
UPDATE user SET folded = fold(name), login_folded = fold(login);
CREATE INDEX user_folded_before ON user(folded);
UPDATE user SET clash = id WHERE EXISTS(SELECT 1 FROM user o WHERE o.folded = user.folded AND o.id < user.id);
CREATE UNIQUE INDEX user_folded ON user(folded, clash);
DROP INDEX user_folded_before;
CREATE INDEX user_clash ON user(folded) WHERE clash <> 0;
CREATE INDEX user_login_folded ON user(login_folded) WHERE login_folded <> '';
PRAGMA user_version = 5;
COMMIT;
)sql";

// Step i brings version i to version i + 1. Steps are never edited once released, only added.
constexpr std::array steps = {version_1, version_2, version_3, version_4, version_5};

}  // namespace

int newest_schema() { return static_cast<int>(steps.size()); }

Result<void> migrate(sql::Connection& connection) {
  const auto version = TRY(connection.integer("PRAGMA user_version"));
  if (version < 0 || version > newest_schema())
    return fail(
        Code::invalid,
        fmt::format("the database has schema {}, this program knows {}; run the newer countersignd",
                    version, newest_schema()));
  for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
    auto done = connection.script(steps[step]);
    if (done) continue;
    if (connection.in_transaction()) (void)connection.script("ROLLBACK");
    return done;
  }
  return {};
}

}  // namespace countersign
