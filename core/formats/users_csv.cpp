// SPDX-License-Identifier: Apache-2.0
#include "core/formats/users_csv.h"

#include <fmt/format.h>

#include <array>

#include "core/base/text.h"
#include "core/formats/csv.h"
#include "core/formats/table.h"

namespace countersign::formats {
namespace {

enum Column : std::size_t { name, display_name, audience, location, phone, email, role, login };
constexpr std::size_t column_count = login + 1;

constexpr auto known_columns = std::to_array<ColumnName>({
    {"name", name},
    {"displayname", display_name},
    {"audience", audience},
    {"location", location},
    {"phone", phone},
    {"email", email},
    {"role", role},
    {"login", login},
});

using Row = TableRow<column_count>;

Result<UserRecord> parse_row(const Row& row) {
  UserRecord record;
  User& user = record.user;
  user.name = row[name];
  user.display_name = row[display_name];
  if (!row[audience].empty()) user.audience = row[audience];
  user.location = row[location];
  user.phone = row[phone];
  user.email = row[email];
  user.login = row[login];
  if (!row[role].empty()) {
    const auto named = from_name<Role>(row[role]);
    if (!named)
      return fail(Code::invalid, fmt::format("role '{}' is not user, helpdesk, auditor or admin",
                                             escape_text(row[role].substr(0, 32))));
    user.role = *named;
  }
  TRY(validate(user));
  return record;
}

Result<void> check_header(const std::vector<std::size_t>& columns) {
  if (!has_column(columns, name)) return fail(Code::invalid, "the header has no column 'name'");
  return {};
}

}  // namespace

Result<void> import_users_csv(const Source& source, UserSink& sink, Tally& tally) {
  return import_table<UserRecord, column_count>(source, sink, tally, known_columns, check_header,
                                                parse_row);
}

}  // namespace countersign::formats
