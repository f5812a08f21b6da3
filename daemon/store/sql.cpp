// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sql.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "core/base/fold.h"
#include "core/base/text.h"

namespace countersign::sql {
namespace {

// What a person can do about it. The path tells which disk.
Error to_error(sqlite3* db, int status) {
  const char* name = db != nullptr ? sqlite3_db_filename(db, "main") : nullptr;
  const std::string path = name != nullptr ? escape_text(name) : "the database";
  const int reason = db != nullptr ? sqlite3_system_errno(db) : 0;
  const std::string system = reason != 0 ? ": " + std::generic_category().message(reason) : "";
  switch (status & 0xff) {
    case SQLITE_CONSTRAINT:
      return {constraint, "a constraint of the database refused the change"};
    case SQLITE_FULL:
      return {Code::unavailable,
              fmt::format("the disk with {} is full; make room, then try again", path)};
    case SQLITE_READONLY:
      return {Code::unavailable,
              fmt::format("{} is read-only; check its permissions and the mount", path)};
    case SQLITE_CANTOPEN:
      return {Code::unavailable,
              fmt::format("can't open {}{}; check that it exists and who owns it", path, system)};
    case SQLITE_IOERR:
      return {Code::unavailable,
              fmt::format(
                  "reading or writing {} failed{} (SQLite {}); check the disk and the kernel log",
                  path, system, status)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::unavailable,
              fmt::format("another program holds {} locked; close it, then try again", path)};
    case SQLITE_NOMEM:
      return {Code::unavailable, "out of memory"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::corrupt,
              fmt::format(
                  "{} is damaged (SQLite {}); put back a backup and run `countersign audit verify`",
                  path, status)};
    default:
      return {
          Code::internal,
          fmt::format("{}: {}", path, db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(status))};
  }
}

}  // namespace

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

Result<bool> Rows::next() {
  if (bound_ != SQLITE_OK) return std::unexpected(to_error(sqlite3_db_handle(statement_), bound_));
  const int status = sqlite3_step(statement_);
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return std::unexpected(to_error(sqlite3_db_handle(statement_),
                                  sqlite3_extended_errcode(sqlite3_db_handle(statement_))));
}

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Rows::text(int column) const {
  const auto* data = sqlite3_column_text(statement_, column);
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

BytesView Rows::blob(int column) const {
  const auto* data = static_cast<const Byte*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Result<int> Statement::finish(Rows rows) {
  while (true) {
    const auto more = TRY(rows.next());
    if (!more) return sqlite3_changes(sqlite3_db_handle(statement_));
  }
}

int Statement::bind(int index, std::int64_t value) {
  return sqlite3_bind_int64(statement_, index, value);
}

int Statement::bind(int index, std::string_view value) {
  return sqlite3_bind_text(statement_, index, value.data() != nullptr ? value.data() : "",
                           static_cast<int>(value.size()), nullptr);
}

int Statement::bind(int index, BytesView value) {
  // A null pointer would bind NULL; an empty value is a value.
  return sqlite3_bind_blob(statement_, index,
                           value.empty() ? static_cast<const void*>("") : value.data(),
                           static_cast<int>(value.size()), nullptr);
}

int Statement::bind_null(int index) { return sqlite3_bind_null(statement_, index); }

namespace {

// fold(text): core/fold.h, for statements of ours; no index or trigger of the file may call it.
void fold(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* text = sqlite3_value_text(values[0]);
  if (text == nullptr) return sqlite3_result_null(context);
  const std::string folded = fold_case({reinterpret_cast<const char*>(text),
                                        static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
  sqlite3_result_text(context, folded.data(), static_cast<int>(folded.size()), SQLITE_TRANSIENT);
}

}  // namespace

Result<Connection> Connection::open(const std::string& path, Mode mode, const char* vfs) {
  // No SQLITE_OPEN_NOFOLLOW: it refuses links in the folders above too. The folder is ours alone
  // (0700) and the file was looked at before (safe_file.h). SQLite opens with O_CLOEXEC.
  sqlite3* db = nullptr;
  const int flags = (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int status = sqlite3_open_v2(path.c_str(), &db, flags, vfs);
  Connection connection(db);
  if (status != SQLITE_OK) return std::unexpected(to_error(db, status));
  sqlite3_busy_timeout(
      db, 2000);  // the checkpointer and the writer of this process; nobody else has the lock
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_wal_autocheckpoint(db, 0);
  const int added = sqlite3_create_function_v2(
      db, "fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr, fold, nullptr,
      nullptr, nullptr);
  if (added != SQLITE_OK) return std::unexpected(to_error(db, added));
  return connection;
}

Connection::~Connection() { sqlite3_close_v2(db_); }

Result<void> Connection::script(Text text) {
  const int status = sqlite3_exec(db_, text.chars, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return std::unexpected(to_error(db_, status));
  return {};
}

Result<Statement> Connection::prepare(Text text) {
  sqlite3_stmt* statement = nullptr;
  const int status =
      sqlite3_prepare_v3(db_, text.chars, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (status != SQLITE_OK) return std::unexpected(to_error(db_, status));
  return Statement(statement);
}

Result<std::int64_t> Connection::integer(Text text) {
  auto statement = TRY(prepare(text));
  auto rows = statement.query();
  const auto more = TRY(rows.next());
  return more ? rows.integer(0) : 0;
}

Result<std::string> Connection::text(Text text) {
  auto statement = TRY(prepare(text));
  auto rows = statement.query();
  const auto more = TRY(rows.next());
  return std::string(more ? rows.text(0) : std::string_view());
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Result<bool> Connection::checkpoint() {
  int total = 0;
  int copied = 0;
  const int status =
      sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE, &total, &copied);
  if (status == SQLITE_BUSY) return false;
  if (status != SQLITE_OK) return std::unexpected(to_error(db_, status));
  return total == copied;
}

void Connection::watch_log(int* frames) {
  const auto note = [](void* target, sqlite3*, const char*, int count) {
    *static_cast<int*>(target) = count;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_, note, frames);
}

Preparer& Preparer::operator()(Statement& into, Text text) {
  if (!result_) return *this;
  auto statement = connection_.prepare(text);
  if (statement)
    into = std::move(*statement);
  else
    result_ = std::unexpected(statement.error());
  return *this;
}

}  // namespace countersign::sql
