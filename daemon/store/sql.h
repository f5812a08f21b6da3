// SPDX-License-Identifier: Apache-2.0
// SQLite behind values of ours. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace countersign::sql {

// A statement's text. Only a constant of the program converts to it, so no SQL can be built from
// data (T35).
struct Text {
  consteval Text(const char* constant) : chars(constant) {}  // NOLINT: implicit on purpose
  const char* chars;
};

class Connection;

// The rows of one run. Rewinds its statement when it goes; until then the connection stays in the
// read transaction it began, so queries made meanwhile see the same moment.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement, int bound) : statement_(statement), bound_(bound) {}
  Rows(Rows&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  [[nodiscard]] Result<bool> next();  // false: no more
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // valid until next()
  [[nodiscard]] BytesView blob(int column) const;         // valid until next()
  [[nodiscard]] Time time(int column) const { return from_unix_ms(integer(column)); }

 private:
  sqlite3_stmt* statement_;
  int bound_;
};

// Prepared once, run often, by one thread at a time. What is bound must live until the run is over.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
  }
  ~Statement();

  template <class... Args>
  [[nodiscard]] Rows query(const Args&... args) {
    int index = 0;
    int error = 0;
    ((error |= bind(++index, args)), ...);
    return Rows(statement_, error);
  }
  // To the end; how many rows it changed.
  template <class... Args>
  [[nodiscard]] Result<int> run(const Args&... args) {
    return finish(query(args...));
  }

 private:
  [[nodiscard]] Result<int> finish(Rows rows);
  int bind(int index, std::int64_t value);
  int bind(int index, std::string_view value);
  int bind(int index, BytesView value);
  int bind(int index, Time value) { return bind(index, unix_ms(value)); }
  int bind(int index, int value) { return bind(index, std::int64_t{value}); }
  int bind(int index, bool value) { return bind(index, std::int64_t{value}); }
  int bind(int index, const std::string& value) { return bind(index, std::string_view(value)); }
  int bind(int index, const Bytes& value) { return bind(index, BytesView(value)); }
  template <class T>
  int bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }
  int bind_null(int index);

  sqlite3_stmt* statement_ = nullptr;
};

// For one thread at a time.
class Connection {
 public:
  enum class Mode { read_only, read_write };
  // The file must exist. vfs: nullptr for the system's.
  [[nodiscard]] static Result<Connection> open(const std::string& path, Mode mode, const char* vfs);
  Connection(Connection&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  // Several statements without parameters or results.
  [[nodiscard]] Result<void> script(Text text);
  // Kept for the life of the connection (SQLITE_PREPARE_PERSISTENT).
  [[nodiscard]] Result<Statement> prepare(Text text);
  [[nodiscard]] Result<std::int64_t> integer(Text text);  // first column of the first row
  [[nodiscard]] Result<std::string> text(Text text);
  [[nodiscard]] bool in_transaction() const;
  // Copies what the write-ahead log holds into the database without waiting for anybody (PASSIVE).
  // True: all of it, so the next writer starts the log again.
  [[nodiscard]] Result<bool> checkpoint();
  // frames is kept up to date with the length of the log as of this connection's last commit.
  void watch_log(int* frames);

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  sqlite3* db_;
};

// Prepares a room's statements one by one; the first failure is kept and the rest skipped.
class Preparer {
 public:
  explicit Preparer(Connection& connection) : connection_(connection) {}
  Preparer& operator()(Statement& into, Text text);
  [[nodiscard]] const Result<void>& result() const { return result_; }

 private:
  Connection& connection_;
  Result<void> result_;
};

// A constraint (unique name, key, foreign key) refused the statement; nothing else is reported with
// this code.
inline constexpr Code constraint = Code::conflict;

}  // namespace countersign::sql
