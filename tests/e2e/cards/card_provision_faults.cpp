// SPDX-License-Identifier: Apache-2.0
// Whatever ends a provisioning half-way: the same command goes on with that card, its user signs in
// then, and there is one authenticator for it.
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <thread>

#include "tests/e2e/support/card_house.h"

using namespace countersign::test;

namespace {

using Place = SoftCard::Place;

struct Factory : KeyHouse {
  Factory() {
    (void)told(daemon, {"user", "add", "ada"});
    (void)told(daemon, {"ca", "init", "--name", "Example cards"});
    write_file(folder / "new-pin", "246810\n");
  }
  [[nodiscard]] std::vector<std::string> words() const {
    return {"device",         "provision",        "piv",       "--user", "ada",
            "--new-pin-file", folder / "new-pin", "--timeout", "2"};
  }
  [[nodiscard]] std::size_t cards() const {
    return told(daemon,
                {"authenticator", "list", "--user", "ada", "--kind", "piv", "--status", "active"})
        .at("authenticators")
        .as_array()
        .size();
  }
  // The card is there again and well: the same command makes it ada's.
  void goes_on(std::size_t cards_then) {
    const Done done = tap(words());
    BOOST_TEST(done.exit_code == 0, boost::json::serialize(done.object));
    BOOST_TEST(verdict("ada", {"--pin-file", pin("246810")}) == "verified");
    BOOST_TEST(cards() == cards_then);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(card_provision_faults)

BOOST_FIXTURE_TEST_CASE(T31_pulled_out_at_each_command, Factory) {
  std::size_t made = 0;
  int undisturbed = 0;
  for (int command = 1; undisturbed < 2; command += 2) {
    BOOST_REQUIRE(command < 200);
    BOOST_TEST_CONTEXT("at command " << command) {
      const SoftCard card(Place::socket, keys(), "card" + std::to_string(command));
      card.control({"fault", "remove=" + std::to_string(command)});
      const Done broken = tap(words());
      undisturbed = broken.exit_code == 0 ? undisturbed + 1 : 0;
      card.control({"fault", "none"});
      if (broken.exit_code != 0) card.control({"insert"});
      goes_on(++made);
    }
  }
  BOOST_TEST(made > 10U);
  BOOST_TEST(daemon.cli({"audit", "verify"}).exit_code == 0);
}

BOOST_FIXTURE_TEST_CASE(T30_reset_by_another_program_at_each_command, Factory) {
  std::size_t made = 0;
  for (int command = 1; command < 40; command += 3) {
    BOOST_TEST_CONTEXT("at command " << command) {
      const SoftCard card(Place::socket, keys(), "card" + std::to_string(command));
      card.control({"fault", "reset=" + std::to_string(command)});
      (void)tap(words());
      card.control({"fault", "none"});
      goes_on(++made);
    }
  }
}

// The moments are wherever they fall; what has to hold afterwards is always the same.
BOOST_FIXTURE_TEST_CASE(the_daemon_killed_meanwhile_leaves_store_and_card_in_agreement, Factory) {
  std::size_t made = 0;
  for (const int milliseconds : {5, 30, 60, 90, 120, 160, 200, 260}) {
    BOOST_TEST_CONTEXT("after " << milliseconds << " ms") {
      const SoftCard card(Place::socket, keys(), "card" + std::to_string(milliseconds));
      std::thread provisioning([&] { (void)daemon.cli(words()); });
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      daemon.kill_now();
      provisioning.join();
      daemon.start();
      goes_on(++made);
    }
  }
  BOOST_TEST(daemon.cli({"audit", "verify"}).exit_code == 0);
}

BOOST_FIXTURE_TEST_CASE(a_key_that_was_renewed_half_way_is_renewed_by_the_same_command, Factory) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = tap(words());
  BOOST_REQUIRE(done.exit_code == 0);
  const std::string id = text(done.object, "authenticator");
  const std::vector<std::string> renewal{"authenticator", "renew",       id,          "--new-key",
                                         "--pin-file",    pin("246810"), "--timeout", "2"};
  int disturbed = 0;
  for (int command = 9; command < 40; command += 4) {
    BOOST_TEST_CONTEXT("at command " << command) {
      card.control({"fault", "remove=" + std::to_string(command)});
      const Done broken = tap(renewal);
      card.control({"fault", "none"});
      if (broken.exit_code == 0) continue;
      ++disturbed;
      card.control({"insert"});
      const Done renewed = tap(renewal);
      BOOST_TEST(renewed.exit_code == 0, boost::json::serialize(renewed.object));
      BOOST_TEST(text(renewed.object, "authenticator") == id);
      BOOST_TEST(verdict("ada", {"--pin-file", pin("246810")}) == "verified");
      BOOST_TEST(cards() == 1U);
    }
  }
  BOOST_TEST(disturbed > 0);
}

BOOST_AUTO_TEST_SUITE_END()
