// SPDX-License-Identifier: Apache-2.0
// on_remove: the token that somebody was verified with is taken away.
#include <sys/stat.h>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "tests/e2e/support/key_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;

namespace {

// A program that notes whom it was run for.
struct Noting {
  TemporaryFolder folder;
  std::string program = folder / "note";
  Noting() {
    write_file(program, "#!/bin/sh\nprintf '%s|%s|%s\\n' \"$@\" >>" + (folder / "noted") + "\n");
    chmod(program.c_str(), 0700);
  }
  [[nodiscard]] std::string noted() const {
    return std::filesystem::exists(folder / "noted") ? content_of(folder / "noted") : "";
  }
  [[nodiscard]] std::string config() const { return "[tokens]\non_remove = \"" + program + "\"\n"; }
};

const std::vector<std::string> plain = {"--profile", "no-pin", "--touch", "auto"};

}  // namespace

BOOST_AUTO_TEST_SUITE(removal)

BOOST_AUTO_TEST_CASE(the_token_of_the_sign_in_counts_and_no_other) {
  const Noting noting;
  const KeyHouse house(noting.config());
  for (const char* name : {"alice", "bob"}) add_user(house.daemon, name);
  std::optional<SoftKey> hers;
  hers.emplace(house.keys(), "hers", plain);
  (void)house.enroll("alice");
  hers.reset();
  std::optional<SoftKey> his;
  his.emplace(house.keys(), "his", plain);
  (void)house.enroll("bob");
  hers.emplace(house.keys(), "hers", plain);
  BOOST_TEST(house.verdict("alice") == "verified");
  his.reset();  // enrolled and present, but nobody signed in with it
  BOOST_REQUIRE(becomes_true([&] {
    return told(house.daemon, {"device", "list"}).at("devices").as_array().size() == 1U;
  }));
  BOOST_TEST(noting.noted().empty());
  hers.reset();
  BOOST_REQUIRE(becomes_true([&] { return !noting.noted().empty(); }));
  BOOST_TEST(noting.noted().starts_with("alice|"), noting.noted());
  BOOST_TEST(noting.noted().ends_with("|software-hers\n"), noting.noted());

  // Once: in and out again without a sign-in is nobody's business.
  hers.emplace(house.keys(), "hers", plain);
  BOOST_REQUIRE(becomes_true([&] {
    return told(house.daemon, {"device", "list"}).at("devices").as_array().size() == 1U;
  }));
  hers.reset();
  his.emplace(house.keys(), "his", plain);
  BOOST_TEST(house.verdict("bob") == "verified");
  his.reset();
  BOOST_REQUIRE(becomes_true([&] { return noting.noted().find("bob|") != std::string::npos; }));
  const std::string noted = noting.noted();
  BOOST_TEST(std::count(noted.begin(), noted.end(), '\n') == 2);
}

BOOST_AUTO_TEST_CASE(a_denial_leaves_nothing_to_watch) {
  const Noting noting;
  const KeyHouse house(noting.config());
  for (const char* name : {"alice", "bob"}) add_user(house.daemon, name);
  std::optional<SoftKey> hers;
  hers.emplace(house.keys(), "hers", plain);
  (void)house.enroll("alice");
  BOOST_TEST(house.verdict("bob") != "verified");
  BOOST_TEST(house.verdict("alice") == "verified");
  hers.reset();
  BOOST_REQUIRE(becomes_true([&] { return !noting.noted().empty(); }));
  BOOST_TEST(noting.noted().find("bob") == std::string::npos, noting.noted());
}

// Without a session manager there is no session to lock; the log says so instead of nothing.
BOOST_AUTO_TEST_CASE(a_session_that_is_not_known_is_said) {
  const KeyHouse house("[tokens]\non_remove = \"lock-session\"\n");
  add_user(house.daemon, "alice");
  std::optional<SoftKey> hers;
  hers.emplace(house.keys(), "hers", plain);
  (void)house.enroll("alice");
  BOOST_TEST(house.verdict("alice") == "verified");
  hers.reset();
  const std::string log = house.daemon.socket() + ".log";
  BOOST_TEST(becomes_true([&] { return content_of(log).find("on_remove: ") != std::string::npos; }),
             content_of(log));
}

BOOST_AUTO_TEST_CASE(what_can_not_be_done_is_a_wrong_configuration) {
  const TemporaryFolder folder;
  write_file(folder / "config.toml", "[tokens]\non_remove = \"lock\"\n");
  const Ran refused =
      daemon_refuses(folder / "state", folder / "socket", {"--config", folder / "config.toml"});
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(refused.err.find("config.toml:2: tokens.on_remove must be") != std::string::npos,
             refused.err);
}

BOOST_AUTO_TEST_CASE(grace_ends_with_the_token_that_it_came_from) {
  const KeyHouse house;  // without on_remove
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  std::optional<SoftKey> hers;
  hers.emplace(house.keys(), "hers", plain);
  (void)house.enroll("alice");
  Json wish = {{"mode", "required"},
               {"grace_hours", 4},
               {"grace_services", {"screen-unlock"}},
               {"dry_run", true}};
  const Json effect = ask(daemon, "PATCH", "/v1/policies/staff", boost::json::serialize(wish));
  wish.erase("dry_run");
  wish["confirm"] = text(effect, "change");
  BOOST_TEST(ask(daemon, "PATCH", "/v1/policies/staff", boost::json::serialize(wish))
                 .at("applied")
                 .as_bool());
  const auto begin = [&](const char* service) {
    return object_in(daemon
                         .cli({"sign-in", "begin", "--user", "alice", "--service", service,
                               "--session", "c1", "--here", "--json"})
                         .out);
  };
  (void)told(daemon, {"sign-in", "verify", text(begin("login"), "id"), "--tap"});
  BOOST_TEST(text(begin("screen-unlock"), "because") == "grace");
  hers.reset();
  BOOST_TEST(becomes_true([&] { return text(begin("screen-unlock"), "decision") == "verify"; }));
}

BOOST_AUTO_TEST_SUITE_END()
