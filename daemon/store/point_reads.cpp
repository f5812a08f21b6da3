// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/point_reads.h"

#include "daemon/store/rows.h"

namespace countersign {
namespace {

// The one row that must be there.
Result<void> first(sql::Rows& rows, const char* missing) {
  const auto more = TRY(rows.next());
  if (!more) return fail(Code::not_found, missing);
  return {};
}

}  // namespace

Result<std::unique_ptr<PointReads>> PointReads::make(sql::Connection& connection,
                                                     const Spent& spent) {
  std::unique_ptr<PointReads> reads(new PointReads(spent));
  sql::Preparer prepare(connection);
  prepare(reads->by_name_,
          "SELECT " COUNTERSIGN_USER_COLUMNS
          " FROM user u WHERE u.id = coalesce((SELECT id FROM user WHERE name = ?1),"
          " (SELECT CASE count(*) WHEN 1 THEN min(id) END FROM user WHERE folded = fold(?1)))");
  prepare(reads->by_login_,
          "SELECT " COUNTERSIGN_USER_COLUMNS " FROM user u WHERE u.login = ?1 AND u.login <> ''");
  prepare(reads->like_login_,
          "SELECT " COUNTERSIGN_USER_COLUMNS
          " FROM user u WHERE u.id = (SELECT CASE count(*) WHEN 1 THEN min(id) END FROM user"
          " WHERE login_folded = fold(?1) AND login_folded <> '')");
  prepare(reads->by_id_, "SELECT " COUNTERSIGN_USER_COLUMNS " FROM user u WHERE u.id = ?1");
  prepare(reads->of_user_,
          "SELECT " COUNTERSIGN_AUTHENTICATOR_COLUMNS
          " FROM authenticator a WHERE a.user_id = ?1 AND " COUNTERSIGN_VISIBLE " ORDER BY a.id");
  prepare(reads->authenticator_, "SELECT " COUNTERSIGN_AUTHENTICATOR_COLUMNS
                                 " FROM authenticator a WHERE a.id = ?1 AND " COUNTERSIGN_VISIBLE);
  prepare(reads->throttle_,
          "SELECT id, generation, counts, last_failure, month_start, month_failures FROM throttle "
          "WHERE id = ?1");
  prepare(reads->serial_,
          "SELECT 1 FROM authenticator a WHERE a.serial = ?1 AND a.serial <> '' AND a.status <> 4 "
          "LIMIT 1");
  prepare(reads->setting_, "SELECT name, generation, value FROM setting WHERE name = ?1");
  prepare(reads->import_,
          "SELECT id, generation, state, started, rows, digest, basis FROM import WHERE id = ?1");
  prepare(reads->machine_, "SELECT " COUNTERSIGN_MACHINE_COLUMNS " FROM machine m WHERE m.id = ?1");
  prepare(reads->of_handle_,
          "SELECT " COUNTERSIGN_MACHINE_COLUMNS " FROM machine m WHERE m.handle = ?1");
  prepare(reads->begin_, "BEGIN")(reads->end_, "COMMIT");
  if (!prepare.result()) return std::unexpected(prepare.result().error());
  return reads;
}

Result<PointReads::Record> PointReads::user_by_name(const std::string& name) {
  return record(by_name_.query(name));
}
Result<PointReads::Record> PointReads::user_by_login(const std::string& login) {
  return record(by_login_.query(login));
}
Result<PointReads::Record> PointReads::user_like_login(const std::string& login) {
  return record(like_login_.query(login));
}
Result<PointReads::Record> PointReads::user_by_id(UserId id) {
  return record(by_id_.query(id.value));
}

// The user's own query stays open meanwhile, so all of the record is of one moment.
Result<PointReads::Record> PointReads::record(sql::Rows row) {
  TRY(first(row, "no such user"));
  auto user = TRY(rows::read_user(row));
  auto record = std::make_shared<UserRecord>(UserRecord{.user = std::move(user)});
  auto found = of_user_.query(record->user.id.value);
  while (true) {
    const auto more = TRY(found.next());
    if (!more) break;
    auto read = TRY(rows::read_authenticator(found));
    spent_.cover(read);
    record->authenticators.push_back(std::move(read));
  }
  auto counted = TRY(throttle(ThrottleKey{record->user.id.value}));
  record->throttle = std::move(counted);
  return record;
}

Result<Authenticator> PointReads::authenticator(AuthenticatorId id) {
  auto row = authenticator_.query(id.value);
  TRY(first(row, "no such authenticator"));
  auto read = rows::read_authenticator(row);
  if (read) spent_.cover(*read);
  return read;
}

Result<Throttle> PointReads::throttle(ThrottleKey key) {
  auto row = throttle_.query(key.value);
  const auto more = TRY(row.next());
  if (!more) return Throttle{.key = key};
  return rows::read_throttle(row);
}

// In one read transaction: each question by itself would take and give back the file's lock.
Result<std::vector<std::string>> PointReads::serials_taken(
    const std::vector<std::string>& serials) {
  TRY(begin_.run());
  std::vector<std::string> taken;
  Result<void> asked;
  for (const std::string& serial : serials) {
    const auto there = serial_.query(serial).next();
    if (!there) {
      asked = std::unexpected(there.error());
      break;
    }
    if (*there) taken.push_back(serial);
  }
  TRY(end_.run());
  if (!asked) return std::unexpected(asked.error());
  return taken;
}

Result<Setting> PointReads::setting(const std::string& name) {
  auto row = setting_.query(name);
  TRY(first(row, "no such setting"));
  const BytesView value = row.blob(2);
  return Setting{std::string(row.text(0)), row.integer(1), Bytes(value.begin(), value.end())};
}

Result<Import> PointReads::import(ImportId id) {
  auto row = import_.query(id.value);
  TRY(first(row, "no such import"));
  return rows::read_import(row);
}

Result<Machine> PointReads::machine(MachineId id) {
  auto row = machine_.query(id.value);
  TRY(first(row, "no such machine"));
  return rows::read_machine(row);
}

Result<Machine> PointReads::machine_by_handle(const Bytes& handle) {
  auto row = of_handle_.query(handle);
  TRY(first(row, "no such machine"));
  return rows::read_machine(row);
}

}  // namespace countersign
