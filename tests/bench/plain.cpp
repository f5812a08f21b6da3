// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/plain.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <random>
#include <stdexcept>

#include "tests/bench/measure.h"

namespace countersign::bench {
namespace {

constexpr Time moment = from_unix_ms(1'750'000'000'000);
constexpr std::int64_t first_id = std::int64_t{1} << 60;  // ids hold a time, and are as large

}  // namespace

std::string name_of(std::int64_t i) { return fmt::format("user{:07}", i); }

User person(std::int64_t i) {
  return {.id = UserId{first_id + 1000 * i + 1},
          .name = name_of(i),
          .display_name = "Somebody Or Other",
          .location = "north",
          .email = name_of(i) + "@example.org",
          .created = moment};
}

Authenticator enrolment(std::int64_t i) {
  return {.id = AuthenticatorId{first_id + 1000 * i},
          .user = person(i).id,
          .label = "phone",
          .material = Bytes(52, 0xA5),
          .progress = {.counter = 58'000'000},
          .created = moment};
}

audit::Event verified_event(std::int64_t i) {
  return {.time = moment + Milliseconds(i),
          .action = "verify",
          .actor = "uid:1000",
          .service = "sshd",
          .user = name_of(i),
          .authenticator = to_text(enrolment(i).id),
          .outcome = "verified",
          .details = {{"kind", "totp"}}};
}

struct Plain::Parts {
  sqlite3* db = nullptr;
  std::vector<sqlite3_stmt*> statements;
  sqlite3_stmt *begin = nullptr, *commit = nullptr, *update = nullptr, *append = nullptr,
               *head = nullptr, *user = nullptr, *factor = nullptr;
  std::int64_t enrolments = 0, sequence = 0;
  std::mt19937_64 random{1};

  void run(const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
        SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db));
    statements.push_back(statement);
    return statement;
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
    sqlite3_reset(statement);
  }
  static void text(sqlite3_stmt* statement, int place, const std::string& value) {
    sqlite3_bind_text(statement, place, value.data(), static_cast<int>(value.size()), nullptr);
  }
  static void blob(sqlite3_stmt* statement, int place, const Bytes& value) {
    sqlite3_bind_blob(statement, place, value.data(), static_cast<int>(value.size()), nullptr);
  }
  void insert(const Authenticator& one) {
    sqlite3_bind_int64(factor, 1, one.id.value);
    sqlite3_bind_int64(factor, 2, one.user.value);
    blob(factor, 3, one.material);
    step(factor);
  }
};

Plain::Plain(const std::string& path) : parts_(std::make_unique<Parts>()) {
  if (sqlite3_open(path.c_str(), &parts_->db) != SQLITE_OK)
    throw std::runtime_error("can't open " + path);
  Parts& p = *parts_;
  p.run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; PRAGMA "
      "wal_autocheckpoint=6000;"  // as long a log as the store lets grow
      "CREATE TABLE authenticator(id INTEGER PRIMARY KEY, generation INTEGER, user_id INTEGER, "
      "kind INTEGER, status INTEGER, label TEXT, serial TEXT,"
      "algorithm INTEGER, digits INTEGER, period INTEGER, epoch INTEGER, material BLOB, counter "
      "INTEGER, detail INTEGER, last_used INTEGER,"
      "import_id INTEGER, created INTEGER, ended INTEGER);"
      "CREATE TABLE user(id INTEGER PRIMARY KEY, generation INTEGER, name TEXT, display_name TEXT, "
      "audience TEXT, location TEXT, phone TEXT, email TEXT,"
      "role INTEGER, login TEXT, suspended INTEGER, created INTEGER);"
      "CREATE TABLE event(sequence INTEGER PRIMARY KEY, line TEXT, hash BLOB);"
      "CREATE TABLE head(id INTEGER PRIMARY KEY, sequence INTEGER, hash BLOB, signature BLOB)");
  p.begin = p.prepare("BEGIN IMMEDIATE");
  p.commit = p.prepare("COMMIT");
  p.update = p.prepare(
      "UPDATE authenticator SET generation = generation + 1, counter = ?2, last_used = ?3 WHERE id "
      "= ?1");
  p.append = p.prepare("INSERT INTO event VALUES(?1, ?2, ?3)");
  p.head = p.prepare("INSERT OR REPLACE INTO head VALUES(1, ?1, ?2, ?3)");
  p.user = p.prepare(
      "INSERT INTO user VALUES(?1,1,?2,'Somebody Or "
      "Other','staff','north','',?3,1,'',0,1750000000000)");
  p.factor = p.prepare(
      "INSERT INTO authenticator "
      "VALUES(?1,1,?2,6,2,'phone','',1,6,30,0,?3,58000000,0,0,0,1750000000000,0)");
}

Plain::~Plain() {
  for (sqlite3_stmt* statement : parts_->statements) sqlite3_finalize(statement);
  sqlite3_close(parts_->db);
}

void Plain::fill(std::int64_t users, std::int64_t enrolments) {
  Parts& p = *parts_;
  p.step(p.begin);
  for (std::int64_t i = 0; i < users; ++i) {
    const User someone = person(i);
    sqlite3_bind_int64(p.user, 1, someone.id.value);
    Parts::text(p.user, 2, someone.name);
    Parts::text(p.user, 3, someone.email);
    p.step(p.user);
  }
  for (std::int64_t i = 0; i < enrolments; ++i) p.insert(enrolment(i));
  p.step(p.commit);
  p.enrolments = enrolments;
}

double Plain::verifications(std::size_t batch, std::size_t total) {
  Parts& p = *parts_;
  const std::string line = audit::to_line(verified_event(1));
  const Bytes hash(32, 0x5A);
  const Bytes signature(64, 0x5A);
  const double begin = seconds();
  for (std::size_t done = 0; done < total; done += batch) {
    p.step(p.begin);
    for (std::size_t i = 0; i < batch; ++i) {
      sqlite3_bind_int64(
          p.update, 1,
          first_id + 1000 * static_cast<std::int64_t>(p.random() %
                                                      static_cast<std::uint64_t>(p.enrolments)));
      sqlite3_bind_int64(p.update, 2, 58'000'001);
      sqlite3_bind_int64(p.update, 3, unix_ms(moment));
      p.step(p.update);
      sqlite3_bind_int64(p.append, 1, ++p.sequence);
      Parts::text(p.append, 2, line);
      Parts::blob(p.append, 3, hash);
      p.step(p.append);
    }
    sqlite3_bind_int64(p.head, 1, p.sequence);
    Parts::blob(p.head, 2, hash);
    Parts::blob(p.head, 3, signature);
    p.step(p.head);
    p.step(p.commit);
  }
  return static_cast<double>((total + batch - 1) / batch * batch) / (seconds() - begin);
}

double Plain::inserts(std::size_t batch, std::size_t total) {
  Parts& p = *parts_;
  const double begin = seconds();
  for (std::size_t done = 0; done < total; done += batch) {
    p.step(p.begin);
    for (std::size_t i = 0; i < batch; ++i) p.insert(enrolment(p.enrolments++));
    p.step(p.commit);
  }
  return static_cast<double>((total + batch - 1) / batch * batch) / (seconds() - begin);
}

double Plain::scan() {
  const double begin = seconds();
  parts_->run("SELECT sum(length(material) + counter) FROM authenticator");
  return seconds() - begin;
}

}  // namespace countersign::bench
