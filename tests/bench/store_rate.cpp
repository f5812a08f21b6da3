// SPDX-License-Identifier: Apache-2.0
// The embedded store beside plain SQLite with the same rows: commits a second, CPU a change, start and size with a
// million enrolments. Usage: store_rate [FOLDER [ENROLMENTS]]; the folder's file system is what is measured. BATCH=N in the
// environment measures that batch alone, SIZE_ONLY=1 leaves out the rates.
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <random>

#include "daemon/store/sqlite_store.h"

using namespace countersign;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t population = 50'000;
std::mt19937_64 noise(1);

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

[[noreturn]] void stop(const std::string& why) {
  fmt::print(stderr, "store_rate: {}\n", why);
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) stop(result.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string name_of(std::int64_t i) { return fmt::format("user{:07}", i); }

Authenticator enrolment(std::int64_t i) {
  return {.id = AuthenticatorId{(std::int64_t{1} << 60) + 1000 * i}, .user = UserId{(std::int64_t{1} << 60) + 1000 * i + 1}, .label = "phone",
          .material = Bytes(49, 0xA5), .progress = {.counter = 58'000'000}, .created = from_unix_ms(1'750'000'000'000)};
}

User person(std::int64_t i) {
  return {.id = enrolment(i).user, .name = name_of(i), .display_name = "Somebody Or Other", .location = "north", .email = name_of(i) + "@example.org",
          .created = from_unix_ms(1'750'000'000'000)};
}

audit::Event verified(std::int64_t i) {
  return {.time = from_unix_ms(1'750'000'000'000 + i), .action = "verify", .actor = "uid:1000", .service = "sshd", .user = name_of(i),
          .authenticator = to_text(enrolment(i).id), .outcome = "verified", .details = {{"kind", "totp"}}};
}

void fill(SqliteStore& store, std::int64_t count) {
  constexpr std::int64_t step = 2000;
  for (std::int64_t i = 0; i < count; i += step) {
    Change change;
    for (std::int64_t k = i; k < std::min(count, i + step); ++k) {
      change.writes.emplace_back(person(k));
      change.writes.emplace_back(enrolment(k));
    }
    std::promise<void> done;
    store.commit(std::move(change), [&](Result<Applied> result) {
      if (must(std::move(result)) != Applied::yes) stop("filling conflicted");
      done.set_value();
    });
    done.get_future().wait();
  }
}

std::unique_ptr<SqliteStore> make_store(const std::string& folder) {
  auto store = must(SqliteStore::create({.folder = folder}, StoreKind::demo, {}));
  must(store->start(std::make_shared<const crypto::Signer>(Secret(std::size_t{32}))));
  return store;
}

struct Figure {
  double rate = 0;
  double cpu = 0;  // microseconds a change
  double batch = 0;
};

// `batch` callers, each with one change in flight; the next changes are made while the writer is at work.
Figure run_store(SqliteStore& store, std::size_t batch, std::size_t total) {
  const auto build = [&] {
    std::vector<Change> changes;
    for (std::size_t i = 0; i < batch; ++i) {
      const auto who = static_cast<std::int64_t>(noise() % population);
      const auto record = must(store.user_by_name(name_of(who)));
      const auto& factor = record->authenticators[0];
      Change change{.require = {{record->user.id, record->user.generation}, {record->throttle.key, record->throttle.generation}}};
      change.writes.emplace_back(Advance{factor.id, record->user.id, factor.generation, {factor.progress.counter + 1, 0, from_unix_ms(1'750'000'000'000)}});
      change.events.push_back(verified(who));
      changes.push_back(std::move(change));
    }
    return changes;
  };
  const double begin = seconds();
  const double cpu = cpu_seconds();
  std::size_t conflicts = 0;
  auto next = build();
  for (std::size_t done = 0; done < total; done += batch) {
    std::promise<void> all;
    std::size_t left = batch;
    for (Change& change : next)
      store.commit(std::move(change), [&](Result<Applied> result) {
        if (must(std::move(result)) != Applied::yes) ++conflicts;
        if (--left == 0) all.set_value();
      });
    next = build();  // of the state before: a caller that comes again at once conflicts, rarely
    all.get_future().wait();
  }
  const auto count = static_cast<double>(total / batch * batch);
  if (static_cast<double>(conflicts) > count / 50) fmt::print("({} conflicts)\n", conflicts);
  return {count / (seconds() - begin), (cpu_seconds() - cpu) / count * 1e6, 0};
}

// The limit: two prepared statements a change on plain tables, everything that is stored made beforehand.
class Plain {
 public:
  explicit Plain(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) stop("can't open " + path);
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
        "CREATE TABLE authenticator(id INTEGER PRIMARY KEY, generation INTEGER, user_id INTEGER, kind INTEGER, status INTEGER, label TEXT, serial TEXT,"
        "algorithm INTEGER, digits INTEGER, period INTEGER, epoch INTEGER, material BLOB, counter INTEGER, detail INTEGER, last_used INTEGER,"
        "import_id INTEGER, created INTEGER, ended INTEGER);"
        "CREATE TABLE user(id INTEGER PRIMARY KEY, generation INTEGER, name TEXT, display_name TEXT, audience TEXT, location TEXT, phone TEXT, email TEXT,"
        "role INTEGER, login TEXT, suspended INTEGER, created INTEGER);"
        "CREATE TABLE event(sequence INTEGER PRIMARY KEY, line TEXT, hash BLOB)");
  }
  ~Plain() {
    for (auto* statement : {begin_, commit_, update_, append_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  void fill(std::int64_t count) {
    run("BEGIN");
    sqlite3_stmt* user = prepare("INSERT INTO user VALUES(?1,1,?2,'Somebody Or Other','staff','north','',?3,1,'',0,1750000000000)");
    sqlite3_stmt* factor = prepare("INSERT INTO authenticator VALUES(?1,1,?2,6,2,'phone','',1,6,30,0,?3,58000000,0,0,0,1750000000000,0)");
    for (std::int64_t i = 0; i < count; ++i) {
      const User someone = person(i);
      const Authenticator one = enrolment(i);
      sqlite3_bind_int64(user, 1, someone.id.value);
      sqlite3_bind_text(user, 2, someone.name.data(), static_cast<int>(someone.name.size()), nullptr);
      sqlite3_bind_text(user, 3, someone.email.data(), static_cast<int>(someone.email.size()), nullptr);
      step(user);
      sqlite3_bind_int64(factor, 1, one.id.value);
      sqlite3_bind_int64(factor, 2, someone.id.value);
      sqlite3_bind_blob(factor, 3, one.material.data(), static_cast<int>(one.material.size()), nullptr);
      step(factor);
    }
    sqlite3_finalize(user);
    sqlite3_finalize(factor);
    run("COMMIT");
  }
  Figure rate(std::size_t batch, std::size_t total) {
    if (update_ == nullptr) {
      begin_ = prepare("BEGIN IMMEDIATE");
      commit_ = prepare("COMMIT");
      update_ = prepare("UPDATE authenticator SET generation = generation + 1, counter = ?2, last_used = ?3 WHERE id = ?1");
      append_ = prepare("INSERT INTO event VALUES(?1, ?2, ?3)");
    }
    const std::string line = audit::to_line(verified(1));
    const Bytes hash(32, 0x5A);
    const double begin = seconds();
    const double cpu = cpu_seconds();
    for (std::size_t done = 0; done < total; done += batch) {
      step(begin_);
      for (std::size_t i = 0; i < batch; ++i) {
        sqlite3_bind_int64(update_, 1, enrolment_id(static_cast<std::int64_t>(noise() % population)));
        sqlite3_bind_int64(update_, 2, 58'000'001);
        sqlite3_bind_int64(update_, 3, 1'750'000'000'000);
        step(update_);
        sqlite3_bind_int64(append_, 1, ++sequence_);
        sqlite3_bind_text(append_, 2, line.data(), static_cast<int>(line.size()), nullptr);
        sqlite3_bind_blob(append_, 3, hash.data(), static_cast<int>(hash.size()), nullptr);
        step(append_);
      }
      step(commit_);
    }
    const auto count = static_cast<double>(total / batch * batch);
    return {count / (seconds() - begin), (cpu_seconds() - cpu) / count * 1e6, 0};
  }

 private:
  static std::int64_t enrolment_id(std::int64_t i) { return (std::int64_t{1} << 60) + 1000 * i; }
  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db_));
    return statement;
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) stop(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr, *update_ = nullptr, *append_ = nullptr;
  std::int64_t sequence_ = 0;
};

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

void measure_rates(const std::string& folder) {
  auto store = make_store(folder + "/state");
  fill(*store, population);
  for (std::int64_t i = 0; i < population; ++i) (void)must(store->user_by_name(name_of(i)));  // as a daemon that has run a while
  Plain plain(folder + "/plain.db");
  plain.fill(population);
  fmt::print("{:>6} {:>12} {:>12} {:>7} {:>14} {:>14}\n", "batch", "store /s", "plain /s", "ratio", "store CPU us", "plain CPU us");
  const std::vector<std::size_t> batches = std::getenv("BATCH") ? std::vector<std::size_t>{std::stoul(std::getenv("BATCH"))} : std::vector<std::size_t>{1, 8, 32, 64};
  for (const std::size_t batch : batches) {
    std::vector<double> rates, limits, cpus, cpu_limits;
    for (int round = 0; round < 5; ++round) {
      const std::size_t total = batch == 1 ? 1000 : 200 * batch;
      const Figure ours = run_store(*store, batch, total);
      const Figure limit = plain.rate(batch, total);
      rates.push_back(ours.rate);
      limits.push_back(limit.rate);
      cpus.push_back(ours.cpu);
      cpu_limits.push_back(limit.cpu);
    }
    fmt::print("{:>6} {:>12.0f} {:>12.0f} {:>7.2f} {:>14.1f} {:>14.1f}\n", batch, median(rates), median(limits), median(rates) / median(limits),
               median(cpus), median(cpu_limits));
    std::fflush(stdout);
  }
}

void measure_size(const std::string& folder, std::int64_t enrolments) {
  const double begin = seconds();
  {
    auto store = make_store(folder + "/million");
    fill(*store, enrolments);
  }
  const double filled = seconds() - begin;
  { Plain(folder + "/million.db").fill(enrolments); }
  const double opening = seconds();
  auto store = must(SqliteStore::open({.folder = folder + "/million"}));
  must(store->start(std::make_shared<const crypto::Signer>(Secret(std::size_t{32}))));
  (void)must(store->user_by_name(name_of(enrolments / 2)));
  const double opened = seconds() - opening;
  const auto ours = static_cast<double>(fs::file_size(folder + "/million/store.db"));
  const auto limit = static_cast<double>(fs::file_size(folder + "/million.db"));
  fmt::print("{} enrolments: filled in {:.1f} s; open, start and first read {:.2f} ms; {:.0f} MB beside {:.0f} MB plain, ratio {:.3f}\n", enrolments,
             filled, opened * 1e3, ours / 1e6, limit / 1e6, ours / limit);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = (argc > 1 ? std::string(argv[1]) : fs::temp_directory_path().string()) + "/countersign-store-rate";
  fs::remove_all(folder);
  fs::create_directory(folder);
  if (std::getenv("SIZE_ONLY") == nullptr) measure_rates(folder);
  if (const std::int64_t enrolments = argc > 2 ? std::stoll(argv[2]) : 1'000'000; enrolments > 0) measure_size(folder, enrolments);
  fs::remove_all(folder);
}
