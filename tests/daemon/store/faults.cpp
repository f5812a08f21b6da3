// SPDX-License-Identifier: Apache-2.0
// A disk that fails at every point there is. The oracle is always the same: what was acknowledged
// is there, no code was accepted twice, the audit chain verifies.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/daemon/store/fault_vfs.h"
#include "tests/daemon/store/fixtures.h"

using namespace countersign;
using namespace countersign::store_test;

BOOST_AUTO_TEST_SUITE(store_faults)

namespace {

constexpr std::int64_t codes = 6;

// One user with one counter-based factor, signing in; each code is tried twice.
class Script {
 public:
  Script() {
    set_fault({});
    auto made = SqliteStore::create(options(nullptr), StoreKind::production, {});
    BOOST_TEST_REQUIRE(made.has_value());
    BOOST_TEST_REQUIRE((*made)->start(test_signer()).has_value());
    BOOST_TEST_REQUIRE(applied(commit(
        **made, {.writes = {user(1, "alice"), totp(10, 1)}, .events = {event("user.add")}})));
  }

  // Two lives of a daemon on the failing disk.
  void run() {
    for (const int half : {0, 1}) {
      auto store = SqliteStore::open(options(fault_vfs()));
      if (!store || !(*store)->start(test_signer())) continue;
      for (std::int64_t i = 0; i < codes; ++i) {
        const std::int64_t code = 100 + half * codes + i;
        sign_in(**store, code);
        sign_in(**store, code);
      }
      if (half == 1) (void)(*store)->prune(4);
      write_a_lot(**store, half);
    }
  }

  void check() {
    set_fault({});
    auto store = SqliteStore::open(options(nullptr));
    BOOST_TEST_REQUIRE(store.has_value());
    BOOST_TEST(!(*store)->restored());
    const auto verified = verify_chain(**store, test_signer()->public_key());
    BOOST_TEST(verified.has_value(), (verified ? "" : verified.error().what));
    BOOST_TEST_REQUIRE((*store)->start(test_signer()).has_value());
    const auto record = (*store)->user_by_name("alice");
    BOOST_TEST_REQUIRE(record.has_value());
    for (const std::int64_t code : accepted_)
      BOOST_TEST((*record)->authenticators[0].progress.counter > code);
    for (const auto& name : users_) BOOST_TEST((*store)->user_by_name(name).has_value());
    const auto listed = (*store)->events(0, 1000);
    BOOST_TEST_REQUIRE(listed.has_value());
    const auto begin = (*store)->checkpoint().value().sequence;
    for (const std::int64_t code : accepted_) {
      const auto mentions = std::ranges::count_if(*listed, [&](const audit::Record& each) {
        return each.line.contains("\"code " + std::to_string(code) + "\"");
      });
      BOOST_TEST((mentions == 1 || (mentions == 0 && begin >= 2)));
    }
    for (std::int64_t code = 100; code < 100 + 2 * codes; ++code)
      sign_in(**store, code);  // thieves come back after the crash
    sign_in(**store, 1000);
    BOOST_TEST(accepted_.contains(1000));
    BOOST_TEST(!twice_);
    BOOST_TEST(verify_chain(**store, test_signer()->public_key()).has_value());
  }

 private:
  [[nodiscard]] SqliteStore::Options options(const char* vfs) const {
    return {.folder = folder_ / "state", .vfs = vfs};
  }

  void sign_in(Store& store, std::int64_t code) {
    const auto record = store.user_by_name("alice");
    if (!record) return;
    const Authenticator& factor = (*record)->authenticators.at(0);
    if (code < factor.progress.counter) return;  // used
    const auto result = commit(store, {.require = {{UserId{1}, (*record)->user.generation}},
                                       .writes = {advance(factor, code + 1)},
                                       .events = {event("code " + std::to_string(code))}});
    if (applied(result)) twice_ = !accepted_.insert(code).second || twice_;
  }

  // Pages of every table, by way of a savepoint.
  void write_a_lot(Store& store, int half) {
    Change change{.events = {event("user.import")}};
    for (int i = 0; i < 12; ++i) {
      const std::int64_t id = 100 + 20 * half + i;
      change.writes.push_back(user(id, "u" + std::to_string(id)));
      change.writes.push_back(totp(1000 + id, id));
    }
    change.writes.push_back(Throttle{.key = {100 + 20 * half}});
    change.writes.push_back(Setting{.name = "s" + std::to_string(half), .value = Bytes(5000, 7)});
    const Change again = change;
    if (!applied(commit(store, std::move(change)))) return;
    users_.insert("u" + std::to_string(100 + 20 * half + 11));
    BOOST_TEST(!applied(commit(store, again)));
  }

  TemporaryFolder folder_;
  std::set<std::int64_t> accepted_;
  std::set<std::string> users_;
  bool twice_ = false;
};

int count_operations() {
  Script script;
  set_fault({});
  script.run();
  const int all = operations();
  script.check();
  return all;
}

void fail_everywhere(Fault::What what, bool lasting) {
  const int all = count_operations();
  BOOST_TEST(all > 100);
  for (int k = 1; k <= all; ++k) {
    BOOST_TEST_CONTEXT("operation " << k << " of " << all) {
      Script script;
      set_fault({.at = k, .lasting = lasting, .what = what});
      script.run();
      script.check();
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(T03_T04_one_operation_fails) { fail_everywhere(Fault::What::error, false); }
BOOST_AUTO_TEST_CASE(T03_T04_all_fail_from_one_on) { fail_everywhere(Fault::What::error, true); }
BOOST_AUTO_TEST_CASE(T03_one_write_is_torn) { fail_everywhere(Fault::What::torn, false); }
BOOST_AUTO_TEST_CASE(T03_one_write_is_torn_and_the_disk_is_gone) {
  fail_everywhere(Fault::What::torn, true);
}

BOOST_AUTO_TEST_CASE(T04_a_full_disk_denies_says_so_and_recovers) {
  TemporaryFolder folder;
  set_fault({});
  auto store = SqliteStore::create({.folder = folder / "state", .vfs = fault_vfs()},
                                   StoreKind::production, {})
                   .value();
  BOOST_TEST_REQUIRE(store->start(test_signer()).has_value());
  BOOST_TEST(applied(
      commit(*store, {.writes = {user(1, "alice"), totp(10, 1)}, .events = {event("user.add")}})));
  const auto before = store->user_by_name("alice").value()->authenticators[0];
  for (int round = 0; round < 3; ++round) {
    set_fault({.at = 1, .lasting = true, .what = Fault::What::full});
    const auto result =
        commit(*store, {.writes = {advance(before, 200 + round)}, .events = {event("verify")}});
    BOOST_TEST_REQUIRE(failed(result, Code::unavailable));
    BOOST_TEST(result.error().what.contains("full"));
    BOOST_TEST(result.error().what.contains("make room"));
  }
  set_fault({});
  // Whether they were recorded can't be known, so the codes count as used.
  const auto after = store->user_by_name("alice").value()->authenticators[0];
  BOOST_TEST(after.progress.counter == 202);
  BOOST_TEST(store->authenticator(before.id).value().progress.counter == 202);
  BOOST_TEST(store->authenticators({}).value()[0].progress.counter == 202);
  BOOST_TEST(conflicted(commit(*store, {.writes = {advance(after, 201)}})));
  BOOST_TEST(
      applied(commit(*store, {.writes = {advance(after, 203)}, .events = {event("verify")}})));
  BOOST_TEST(store->user_by_name("alice").value()->authenticators[0].progress.counter == 203);
  BOOST_TEST(verify_chain(*store, test_signer()->public_key()).has_value());
  BOOST_TEST(store->head().value().sequence == 2);
}

BOOST_AUTO_TEST_CASE(a_failing_creation_leaves_no_half_store) {
  int all = 0;
  for (int k = 0; k <= all; ++k) {
    TemporaryFolder folder;
    const SqliteStore::Options options{.folder = folder / "state", .vfs = fault_vfs()};
    set_fault({.at = k, .lasting = true});
    auto made = SqliteStore::create(options, StoreKind::demo, {{.name = "a", .value = {1}}});
    if (k == 0) all = operations();
    const bool there = SqliteStore::exists(options.folder);
    made = fail(Code::internal, "closed");
    set_fault({});
    made = there ? SqliteStore::open(options)
                 : SqliteStore::create(options, StoreKind::demo, {{.name = "a", .value = {1}}});
    BOOST_TEST_REQUIRE(made.has_value());
    BOOST_TEST((*made)->setting("a").has_value());
    BOOST_TEST(!(*made)->restored());
  }
  BOOST_TEST(all > 10);
}

BOOST_AUTO_TEST_SUITE_END()
