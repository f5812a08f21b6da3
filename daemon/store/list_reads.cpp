// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/list_reads.h"

#include <algorithm>

#include "daemon/store/rows.h"

namespace countersign {
namespace {

std::int64_t page(std::size_t limit) {
  return static_cast<std::int64_t>(std::min(limit, longest_page));
}

// Every row through `read`, which gives a Result of what to append.
template <class T>
Result<std::vector<T>> collect(sql::Rows rows, auto&& read) {
  std::vector<T> all;
  while (true) {
    const auto more = TRY(rows.next());
    if (!more) return all;
    T one = TRY(read(rows));
    all.push_back(std::move(one));
  }
}

}  // namespace

// ?1 and on: a NULL filter takes all.
#define SUMMARY_COLUMNS                                                              \
  COUNTERSIGN_USER_COLUMNS                                                           \
  ", (SELECT count(*) FROM authenticator a WHERE a.user_id = u.id AND a.status = 2 " \
  "AND " COUNTERSIGN_VISIBLE                                                         \
  ") AS active"                                                                      \
  ", (SELECT count(*) FROM authenticator a WHERE a.user_id = u.id AND " COUNTERSIGN_VISIBLE ")"
#define NARROWED                                                                              \
  " AND (?6 IS NULL OR (u.service_account <> '') = ?6) AND (?7 = '' OR instr(fold(u.name || " \
  "char(10) ||"                                                                               \
  " u.display_name || char(10) || u.login || char(10) || u.email || char(10) || u.phone), "   \
  "fold(?7)) > 0)"
#define AUTHENTICATOR_FILTER                                                                    \
  " AND (?2 IS NULL OR a.kind = ?2) AND (?3 IS NULL OR a.status = ?3) AND " COUNTERSIGN_VISIBLE \
  " ORDER BY a.id LIMIT ?4"

Result<std::unique_ptr<ListReads>> ListReads::make(sql::Connection& connection,
                                                   const Spent& spent) {
  std::unique_ptr<ListReads> reads(new ListReads(spent));
  sql::Preparer prepare(connection);
  prepare(reads->users_, "SELECT " SUMMARY_COLUMNS
                         " FROM user u WHERE u.name > ?1 AND (?2 IS NULL OR u.location = ?2) AND "
                         "(?3 IS NULL OR u.audience = ?3)"
                         " AND (?4 = 0 OR active = 0)" NARROWED " ORDER BY u.name LIMIT ?5");
  // The index user_role has the few who may do something (schema.cpp).
  prepare(reads->of_role_,
          "SELECT " SUMMARY_COLUMNS
          " FROM user u WHERE u.role <> 1 AND u.role = ?8 AND u.name > ?1 AND (?2 IS NULL OR "
          "u.location = ?2)"
          " AND (?3 IS NULL OR u.audience = ?3) AND (?4 = 0 OR active = 0)" NARROWED
          " ORDER BY u.name LIMIT ?5");
  prepare(reads->names_like_,
          "SELECT name FROM user WHERE folded = fold(?1) ORDER BY name LIMIT 10");
  prepare(reads->names_by_case_,
          "SELECT u.name FROM user u WHERE u.folded IN (SELECT folded FROM user WHERE clash <> 0)"
          " AND (SELECT count(*) FROM user o WHERE o.folded = u.folded) > 1 ORDER BY u.folded, "
          "u.name LIMIT 1000");
  prepare(reads->machines_, "SELECT " COUNTERSIGN_MACHINE_COLUMNS
                            " FROM machine m WHERE m.id > ?1 AND (?2 IS NULL OR m.kind = ?2) AND "
                            "(?3 IS NULL OR m.status = ?3) ORDER BY m.id LIMIT ?4");
  prepare(reads->authenticators_, "SELECT " COUNTERSIGN_AUTHENTICATOR_COLUMNS
                                  " FROM authenticator a WHERE a.id > ?1" AUTHENTICATOR_FILTER);
  prepare(reads->of_user_, "SELECT " COUNTERSIGN_AUTHENTICATOR_COLUMNS
                           " FROM authenticator a WHERE a.id > ?1 AND a.user_id = ?5 AND (?6 IS "
                           "NULL OR a.serial = ?6)" AUTHENTICATOR_FILTER);
  prepare(reads->of_serial_, "SELECT " COUNTERSIGN_AUTHENTICATOR_COLUMNS
                             " FROM authenticator a WHERE +a.id > ?1 AND a.serial = ?5 AND "
                             "a.serial <> ''" AUTHENTICATOR_FILTER);
  prepare(reads->of_handle_, "SELECT " COUNTERSIGN_AUTHENTICATOR_COLUMNS
                             " FROM authenticator a WHERE +a.id > ?1 AND a.handle = ?5 AND "
                             "a.handle <> x''" AUTHENTICATOR_FILTER);
  prepare(reads->coverage_,
          "SELECT u.location, count(*), coalesce(sum(EXISTS(SELECT 1 FROM authenticator a WHERE "
          "a.user_id = u.id AND a.status = 2 AND " COUNTERSIGN_VISIBLE
          ")), 0) FROM user u WHERE u.suspended = 0 AND (?1 IS NULL OR u.location = ?1) AND (?2 OR "
          "u.service_account = '') GROUP BY u.location"
          " ORDER BY u.location");
  prepare(reads->events_,
          "SELECT sequence, line, hash FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");
  prepare(reads->anchor_, "SELECT sequence, hash, signature FROM anchor WHERE id = ?1");
  if (!prepare.result()) return std::unexpected(prepare.result().error());
  return reads;
}

Result<std::vector<UserSummary>> ListReads::users(const UserFilter& filter) {
  const std::int64_t limit = page(filter.limit);
  auto found = filter.role ? of_role_.query(filter.after, filter.location, filter.audience,
                                            filter.without_factor, limit, filter.service_accounts,
                                            filter.search, rows::to_number(*filter.role))
                           : users_.query(filter.after, filter.location, filter.audience,
                                          filter.without_factor, limit, filter.service_accounts,
                                          filter.search);
  return collect<UserSummary>(std::move(found), [](const sql::Rows& row) -> Result<UserSummary> {
    auto user = TRY(rows::read_user(row));
    return UserSummary{std::move(user), static_cast<int>(row.integer(rows::user_columns)),
                       static_cast<int>(row.integer(rows::user_columns + 1))};
  });
}

Result<std::vector<std::string>> ListReads::names_like(const std::string& name) {
  return collect<std::string>(
      names_like_.query(name),
      [](const sql::Rows& row) -> Result<std::string> { return std::string(row.text(0)); });
}

Result<std::vector<std::string>> ListReads::names_by_case() {
  return collect<std::string>(
      names_by_case_.query(),
      [](const sql::Rows& row) -> Result<std::string> { return std::string(row.text(0)); });
}

Result<std::vector<Authenticator>> ListReads::authenticators(const AuthenticatorFilter& filter) {
  const auto kind = filter.kind.transform([](Kind value) { return rows::to_number(value); });
  const auto status = filter.status.transform([](Status value) { return rows::to_number(value); });
  const std::int64_t limit = page(filter.limit);
  auto found =
      filter.user     ? of_user_.query(filter.after.value, kind, status, limit, filter.user->value,
                                       filter.serial)
      : filter.handle ? of_handle_.query(filter.after.value, kind, status, limit, *filter.handle)
      : filter.serial ? of_serial_.query(filter.after.value, kind, status, limit, *filter.serial)
                      : authenticators_.query(filter.after.value, kind, status, limit);
  return collect<Authenticator>(std::move(found), [this](const sql::Rows& row) {
    auto read = rows::read_authenticator(row);
    if (read) spent_.cover(*read);
    return read;
  });
}

Result<std::vector<Machine>> ListReads::machines(const MachineFilter& filter) {
  const auto kind = filter.kind.transform([](MachineKind value) { return rows::to_number(value); });
  const auto status =
      filter.status.transform([](MachineStatus value) { return rows::to_number(value); });
  return collect<Machine>(machines_.query(filter.after.value, kind, status, page(filter.limit)),
                          [](const sql::Rows& row) { return rows::read_machine(row); });
}

Result<std::vector<LocationCoverage>> ListReads::coverage(const CoverageFilter& filter) {
  return collect<LocationCoverage>(coverage_.query(filter.location, filter.service_accounts),
                                   [](const sql::Rows& row) -> Result<LocationCoverage> {
                                     return LocationCoverage{std::string(row.text(0)),
                                                             row.integer(1), row.integer(2)};
                                   });
}

Result<std::vector<audit::Record>> ListReads::events(std::int64_t after, std::size_t limit) {
  return collect<audit::Record>(
      events_.query(after, page(limit)), [](const sql::Rows& row) -> Result<audit::Record> {
        const auto hash = TRY(rows::to_digest(row.blob(2)));
        return audit::Record{row.integer(0), std::string(row.text(1)), hash};
      });
}

Result<audit::Head> ListReads::head() { return anchor(1); }
Result<audit::Head> ListReads::checkpoint() { return anchor(2); }

Result<audit::Head> ListReads::anchor(int id) {
  auto row = anchor_.query(id);
  const auto more = TRY(row.next());
  if (!more) return audit::Head{};
  const auto hash = TRY(rows::to_digest(row.blob(1)));
  const BytesView signature = row.blob(2);
  return audit::Head{row.integer(0), hash, Bytes(signature.begin(), signature.end())};
}

}  // namespace countersign
