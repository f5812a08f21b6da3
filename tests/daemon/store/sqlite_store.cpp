// SPDX-License-Identifier: Apache-2.0
// What the embedded store promises beyond the contract.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/daemon/store/fixtures.h"

using namespace countersign;
using namespace countersign::store_test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(sqlite_store)

namespace {

// What somebody else's program can do to the file.
int meddle(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  const int status = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  sqlite3_close(db);
  return status;
}

void add_events(Store& store, int count) {
  for (int i = 0; i < count; ++i)
    BOOST_TEST_REQUIRE(applied(commit(store, {.events = {event("e")}})));
}

void put_back(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

}  // namespace

BOOST_AUTO_TEST_CASE(creation_is_once_with_its_settings_and_its_kind) {
  TemporaryFolder folder;
  const SqliteStore::Options options{.folder = folder / "state"};
  BOOST_TEST(!SqliteStore::exists(options.folder));
  BOOST_TEST(failed(SqliteStore::open(options), Code::not_found));
  {
    auto store =
        SqliteStore::create(options, StoreKind::demo, {{.name = "key", .value = {1, 2}}}).value();
    BOOST_TEST((store->kind() == StoreKind::demo));
    BOOST_TEST((store->setting("key").value() == Setting{"key", 1, {1, 2}}));
    BOOST_TEST(
        failed(commit(*store, {.events = {event("x")}}), Code::unavailable));  // before start()
    BOOST_TEST(failed(store->prune(0), Code::unavailable));
  }
  BOOST_TEST(SqliteStore::exists(options.folder));
  BOOST_TEST(failed(SqliteStore::create(options, StoreKind::production, {}), Code::exists));
  BOOST_TEST((SqliteStore::open(options).value()->kind() == StoreKind::demo));
}

BOOST_AUTO_TEST_CASE(T50_a_store_is_demo_or_production_for_good) {
  TemporaryFolder folder;
  {
    auto demo = SqliteStore::create({.folder = folder / "demo"}, StoreKind::demo, {}).value();
  }
  {
    auto real = SqliteStore::create({.folder = folder / "real"}, StoreKind::production, {}).value();
  }
  BOOST_TEST(meddle(folder / "demo/store.db", "UPDATE meta SET kind = 1") == SQLITE_CONSTRAINT);
  BOOST_TEST(meddle(folder / "demo/store.db", "DELETE FROM meta") == SQLITE_CONSTRAINT);
  put_back(folder / "demo", folder / "real");
  const auto refused = SqliteStore::open({.folder = folder / "real"});
  BOOST_TEST(failed(refused, Code::invalid));
  BOOST_TEST(refused.error().what.contains("for good"));
}

BOOST_AUTO_TEST_CASE(where_a_commit_would_not_be_durable_it_does_not_open) {
  TemporaryFolder folder;
  const auto refused = SqliteStore::create({.folder = folder / "state", .vfs = "unix-none"},
                                           StoreKind::demo, {});  // can't do WAL
  BOOST_TEST(failed(refused, Code::unavailable));
  BOOST_TEST(refused.error().what.contains("durable"));
}

BOOST_AUTO_TEST_CASE(a_second_daemon_is_refused_and_told_who_has_it) {
  Sqlite first;
  const auto second = SqliteStore::open(first.options());
  BOOST_TEST(failed(second, Code::exists));
  BOOST_TEST(second.error().what.contains(std::to_string(getpid())));
  first.reopen();
}

BOOST_AUTO_TEST_CASE(a_file_of_a_newer_program_is_refused) {
  Sqlite held;
  held.opened.reset();
  BOOST_TEST(meddle(held.folder / "state/store.db", "PRAGMA user_version = 999") == SQLITE_OK);
  BOOST_TEST(failed(SqliteStore::open(held.options()), Code::invalid));
}

// What schemas 5 and 4 added, taken out again.
constexpr const char* to_schema_3 =
    "DROP INDEX user_folded; DROP INDEX user_clash; DROP INDEX user_login_folded; ALTER TABLE user "
    "DROP COLUMN folded;"
    "ALTER TABLE user DROP COLUMN clash; ALTER TABLE user DROP COLUMN login_folded;"
    "ALTER TABLE authenticator DROP COLUMN basis; ALTER TABLE import DROP COLUMN rows; ALTER TABLE "
    "import DROP COLUMN digest;"
    "ALTER TABLE import DROP COLUMN basis; DELETE FROM setting WHERE name = 'bootstrap'; PRAGMA "
    "user_version = 3";

BOOST_AUTO_TEST_CASE(
    T53_a_file_of_schema_3_gets_a_basis_for_what_was_active_and_ends_bootstrap_where_an_administrator_had_a_factor) {
  for (const Role role : {Role::admin, Role::user}) {
    Sqlite held;
    User boss = user(1, "boss");
    boss.role = role;
    Authenticator active{.id = {11},
                         .user = {1},
                         .kind = Kind::totp,
                         .status = Status::active,
                         .basis = Basis::first_factor()};
    Authenticator suspended{
        .id = {12}, .user = {1}, .kind = Kind::totp, .status = Status::suspended};
    BOOST_TEST(applied(commit(
        held.store(), {.writes = {boss, active, suspended}, .events = {event("user.add")}})));
    held.opened.reset();
    BOOST_TEST(meddle(held.folder / "state/store.db", to_schema_3) == SQLITE_OK);
    held.reopen();
    BOOST_TEST((held.store().authenticator({11}).value().basis == Basis::before_upgrade()));
    BOOST_TEST((held.store().authenticator({12}).value().basis == Basis()));
    BOOST_TEST(held.store().setting("bootstrap").has_value() == (role == Role::admin));
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_schema_2_gets_machines_and_keeps_what_it_had) {
  Sqlite held;
  BOOST_TEST(
      applied(commit(held.store(), {.writes = {user(1, "alice")}, .events = {event("user.add")}})));
  held.opened.reset();
  BOOST_TEST(meddle(held.folder / "state/store.db", to_schema_3) == SQLITE_OK);
  BOOST_TEST(meddle(held.folder / "state/store.db",
                    "DROP INDEX user_role; DROP TABLE machine; ALTER TABLE user DROP COLUMN "
                    "skipped; ALTER TABLE user DROP COLUMN admitted;"
                    "ALTER TABLE user DROP COLUMN service_account; PRAGMA user_version = 2") ==
             SQLITE_OK);
  held.reopen();
  const auto alice = held.store().user_by_name("alice");
  BOOST_TEST_REQUIRE(alice.has_value());
  BOOST_TEST(((*alice)->user.skipped == Time{}));
  BOOST_TEST(!(*alice)->user.service_account.has_value());
  BOOST_TEST(
      applied(commit(held.store(), {.writes = {Machine{.id = {5}, .handle = Bytes(16, 1)}}})));
}

BOOST_AUTO_TEST_CASE(T20_links_pipes_and_wide_modes_are_refused_and_named) {
  TemporaryFolder folder;
  const SqliteStore::Options options{.folder = folder / "state"};
  {
    auto store = SqliteStore::create(options, StoreKind::demo, {}).value();
  }
  for (const std::string name : {"state/store.db", "state/lock", "state.epoch"}) {
    BOOST_TEST_CONTEXT(name) {
      const std::string path = folder / name;
      const auto refused = [&](const char* word) {
        const auto opened = SqliteStore::open(options);
        BOOST_TEST(failed(opened, Code::not_permitted));
        if (!opened)
          BOOST_TEST((opened.error().what.contains(path) && opened.error().what.contains(word)),
                     opened.error().what);
      };
      chmod(path.c_str(), 0644);
      refused("chmod 600");
      chmod(path.c_str(), 0600);
      fs::rename(path, path + ".real");
      fs::create_symlink(path + ".real", path);
      refused("symbolic link");
      fs::remove(path);
      mkfifo(path.c_str(), 0600);
      refused("not a regular file");
      fs::remove(path);
      fs::rename(path + ".real", path);
      BOOST_TEST(SqliteStore::open(options).has_value());
    }
  }
  for (const std::string name : {"state/store.db-wal", "state/store.db-shm"}) {
    fs::create_symlink(folder / "elsewhere", folder / name);
    BOOST_TEST(failed(SqliteStore::open(options), Code::not_permitted));
    fs::remove(folder / name);
  }
  chmod((folder / "state").c_str(), 0750);
  BOOST_TEST(failed(SqliteStore::open(options), Code::not_permitted));
  chmod((folder / "state").c_str(), 0700);
  fs::rename(folder / "state", folder / "real");
  fs::create_directory_symlink(folder / "real", folder / "state");
  BOOST_TEST(failed(SqliteStore::open(options), Code::not_permitted));
}

BOOST_AUTO_TEST_CASE(all_files_are_private) {
  Sqlite held;
  add_events(held.store(), 1);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(held.folder / "state")) {
    BOOST_TEST((entry.status().permissions() == (fs::perms::owner_read | fs::perms::owner_write)),
               entry.path().string());
    ++files;
  }
  BOOST_TEST(files == 4);  // database, log, its index, lock
  BOOST_TEST((fs::status(held.folder / "state").permissions() == fs::perms::owner_all));
}

BOOST_AUTO_TEST_CASE(T06_an_old_copy_is_noticed_until_accepted) {
  Sqlite held;
  add_events(held.store(), 3);
  held.opened.reset();
  put_back(held.folder / "state", held.folder / "backup");
  held.reopen();
  add_events(held.store(), 2);
  held.opened.reset();
  put_back(held.folder / "backup", held.folder / "state");
  for (int round = 0; round < 3; ++round) {
    held.reopen();
    BOOST_TEST(held.store().restored());
    add_events(held.store(), 5);  // it grows past the epoch, and is remembered all the same
  }
  BOOST_TEST(held.store().accept_restored().has_value());
  BOOST_TEST(!held.store().restored());
  add_events(held.store(), 1);
  held.reopen();
  BOOST_TEST(!held.store().restored());
  held.opened.reset();
  put_back(held.folder / "backup", held.folder / "state");
  held.reopen();
  BOOST_TEST(held.store().restored());
}

BOOST_AUTO_TEST_CASE(T06_a_copy_that_went_another_way_is_noticed) {
  Sqlite held;
  add_events(held.store(), 3);
  held.opened.reset();
  put_back(held.folder / "state", held.folder / "backup");
  fs::copy_file(held.folder / "state.epoch", held.folder / "old.epoch");
  held.reopen();
  add_events(held.store(), 2);
  held.opened.reset();
  fs::rename(held.folder / "state.epoch", held.folder / "true.epoch");
  fs::rename(held.folder / "old.epoch", held.folder / "state.epoch");
  put_back(held.folder / "backup", held.folder / "state");
  held.reopen();
  BOOST_TEST(
      !held.store()
           .restored());  // whoever puts back the epoch too, passes: an anchor elsewhere is needed
  BOOST_TEST(
      applied(commit(held.store(), {.events = {event("other"), event("other"), event("other")}})));
  held.opened.reset();
  fs::rename(held.folder / "true.epoch", held.folder / "state.epoch");
  held.reopen();
  BOOST_TEST(held.store().restored());
}

BOOST_AUTO_TEST_CASE(T06_an_epoch_that_is_missing_damaged_or_of_another_store_is_noticed) {
  for (const char* what : {"missing", "damaged", "another"}) {
    Sqlite held;
    Sqlite other;
    add_events(held.store(), 2);
    add_events(other.store(), 2);
    held.opened.reset();
    other.opened.reset();
    const std::string epoch = held.folder / "state.epoch";
    if (what == std::string("missing")) fs::remove(epoch);
    if (what == std::string("damaged")) std::ofstream(epoch) << "nonsense";
    if (what == std::string("another"))
      fs::copy_file(other.folder / "state.epoch", epoch, fs::copy_options::overwrite_existing);
    for (int round = 0; round < 2; ++round) {
      held.reopen();
      BOOST_TEST(held.store().restored(), what);
    }
    add_events(held.store(), 1);
    BOOST_TEST(held.store().accept_restored().has_value());
    add_events(held.store(), 1);
    held.reopen();
    BOOST_TEST(!held.store().restored(), what);
  }
}

BOOST_AUTO_TEST_CASE(T44_an_import_cut_off_by_a_restart_is_dropped_and_its_serials_come_free) {
  Sqlite held;
  const Import import{.id = ImportId{5}};
  Change change{.writes = {user(1, "alice"), import}};
  for (std::int64_t i = 0; i < 2500; ++i) {
    Authenticator each = totp(100 + i, 1);
    each.serial = "S" + std::to_string(i);
    if (i != 1700) each.import = import.id;
    change.writes.push_back(each);
  }
  BOOST_TEST(applied(commit(held.store(), change)));
  held.reopen();
  BOOST_TEST((held.store().import(import.id).value() ==
              Import{import.id, 2, ImportState::dropped, Time{}}));
  BOOST_TEST(held.store().user_by_name("alice").value()->authenticators.size() == 1u);
  Authenticator again = totp(9000, 1);
  again.serial = "S2400";
  bool freed = false;
  for (int i = 0; i < 1000 && !freed; ++i)
    freed = applied(commit(held.store(), {.writes = {again}}));
  BOOST_TEST(freed);
  BOOST_TEST(held.store().user_by_name("alice").value()->authenticators.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_cache_of_two_users_serves_a_hundred) {
  TemporaryFolder folder;
  auto store =
      SqliteStore::create({.folder = folder / "state", .cached_users = 2}, StoreKind::demo, {})
          .value();
  BOOST_TEST_REQUIRE(store->start(test_signer()).has_value());
  for (std::int64_t i = 1; i <= 100; ++i)
    BOOST_TEST(applied(commit(*store, {.writes = {user(i, "u" + std::to_string(i)), totp(i, i)}})));
  for (int round = 0; round < 3; ++round)
    for (std::int64_t i = 1; i <= 100; ++i) {
      const auto record = store->user_by_name("u" + std::to_string(i)).value();
      BOOST_TEST(record->user.id.value == i);
      BOOST_TEST(record->authenticators[0].progress.counter == 100 + round);
      BOOST_TEST(
          applied(commit(*store, {.require = {{record->user.id, 1}},
                                  .writes = {advance(record->authenticators[0], 101 + round)}})));
    }
}

BOOST_AUTO_TEST_CASE(a_batch_is_delivered_as_one_closure) {
  TemporaryFolder folder;
  std::atomic<int> closures = 0;
  std::atomic<int> answers = 0;
  {
    auto store = SqliteStore::create({.folder = folder / "state",
                                      .deliver =
                                          [&](std::move_only_function<void()> run) {
                                            ++closures;
                                            run();
                                          }},
                                     StoreKind::demo, {})
                     .value();
    BOOST_TEST_REQUIRE(store->start(test_signer()).has_value());
    for (int i = 0; i < 2000; ++i)
      store->commit({.events = {event("x")}}, [&](Result<Applied>) { ++answers; });
  }  // the destructor finishes what is queued
  BOOST_TEST(answers == 2000);
  BOOST_TEST(closures < 1000);
}

BOOST_AUTO_TEST_CASE(the_log_stays_bounded_under_load) {
  Sqlite held;
  std::atomic<int> answers = 0;
  for (int i = 0; i < 40; ++i) {
    Change change{
        .writes = {Setting{
            .name = "big", .generation = i, .value = Bytes(3'000'000, static_cast<Byte>(i))}}};
    BOOST_TEST_REQUIRE(applied(commit(held.store(), std::move(change))));
  }
  BOOST_TEST(fs::file_size(held.folder / "state/store.db-wal") < 64'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()
