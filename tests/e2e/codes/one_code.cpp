// SPDX-License-Identifier: Apache-2.0
// One code is accepted once: again (T01), by racers (T02), and after the power was cut (T03).
#include <boost/test/unit_test.hpp>

#include <latch>
#include <map>
#include <mutex>
#include <thread>

#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;

namespace {

// So many connections, each from a thread of its own, one code, let go at once: how often each
// answer came.
std::map<std::string, int> race(const DaemonProcess& daemon, const std::string& user,
                                const std::string& code, int racers = 64) {
  std::map<std::string, int> answers;
  std::mutex mutex;
  std::latch ready(racers);
  std::vector<std::jthread> threads;
  for (int i = 0; i < racers; ++i)
    threads.emplace_back([&] {
      auto connection = client::Client::connect(daemon.socket());
      ready.arrive_and_wait();
      std::string answer = "no connection";
      if (connection) {
        const auto got = connection->call("POST", "/v1/verifications", verification(user, code),
                                          Deadline::in(std::chrono::seconds(60)));
        answer = !got                 ? got.error().what
                 : got->status != 200 ? got->body
                                      : text(object_in(got->body), "verdict") + " " +
                                            text(object_in(got->body), "reason");
      }
      const std::lock_guard lock(mutex);
      ++answers[answer];
    });
  threads.clear();
  return answers;
}

void require_one_winner(std::map<std::string, int> answers) {
  BOOST_TEST(answers["verified "] == 1);
  answers.erase("verified ");
  for (const auto& [answer, count] : answers)
    BOOST_TEST(answer == "denied used-code", answer << ": " << count);
  BOOST_TEST(answers["denied used-code"] == 63);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(one_code)

BOOST_AUTO_TEST_CASE(T01_steps_and_counters_up_to_the_last_accepted_are_refused) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  advance(daemon, 45 - now(daemon) % 30);
  const std::int64_t time = now(daemon);
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(time)) == "verified");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(time)) == "used-code");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(time - 30)) ==
             "used-code");  // within the window, but earlier
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(time + 30)) == "verified");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(time)) == "used-code");

  add_user(daemon, "bob");
  const Phone token = enroll_hotp(daemon, "bob");
  BOOST_TEST(verdict(daemon, "bob", hotp_code(token, 3)) == "verified");
  for (int counter = 0; counter <= 3; ++counter)
    BOOST_TEST(verdict(daemon, "bob", hotp_code(token, counter)) != "verified");
  BOOST_TEST(verdict(daemon, "bob", hotp_code(token, 4)) == "verified");

  add_user(daemon, "carol");
  const auto codes = enroll_backup_codes(daemon, "carol");
  BOOST_TEST(verdict(daemon, "carol", codes[2]) == "verified");
  BOOST_TEST(verdict(daemon, "carol", codes[2]) == "used-code");
  BOOST_TEST(verdict(daemon, "carol", codes[1]) == "verified");
}

BOOST_AUTO_TEST_CASE(T02_one_code_on_64_connections_gives_one_accept) {
  const House house;
  add_user(house.daemon, "alice");
  const Phone phone = enroll_totp(house.daemon, "alice");
  for (int round = 0; round < 20; ++round) BOOST_TEST_CONTEXT("round " << round)
  require_one_winner(race(house.daemon, "alice", fresh_code(house.daemon, phone)));

  add_user(house.daemon, "bob");
  const Phone token = enroll_hotp(house.daemon, "bob");
  for (int counter = 0; counter < 5; ++counter) BOOST_TEST_CONTEXT("counter " << counter) {
      require_one_winner(race(house.daemon, "bob", hotp_code(token, counter)));
    }
  BOOST_TEST(house.daemon.cli({"audit", "verify"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(T02_one_backup_code_on_64_connections_gives_one_accept) {
  const House house;
  add_user(house.daemon, "carol");
  require_one_winner(
      race(house.daemon, "carol", enroll_backup_codes(house.daemon, "carol").front()));
}

BOOST_AUTO_TEST_CASE(T03_what_was_accepted_stays_used_after_a_power_cut) {
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  add_user(daemon, "bob");
  const Phone phone = enroll_totp(daemon, "alice");
  const Phone token = enroll_hotp(daemon, "bob");
  const auto backup = enroll_backup_codes(daemon, "alice");
  for (int round = 0; round < 5; ++round) BOOST_TEST_CONTEXT("round " << round) {
      // The demo clock starts at the real time again: codes of the real present, from the phone's
      // one or two steps ahead.
      const std::string backup_code = backup[static_cast<std::size_t>(round)];
      const std::string counter_code = hotp_code(token, round);
      const auto cut = [&] {
        daemon.kill_now();
        daemon.start();
      };
      BOOST_TEST(verdict(daemon, "alice", backup_code) == "verified");
      cut();
      BOOST_TEST(verdict(daemon, "alice", backup_code) == "used-code");
      BOOST_TEST(verdict(daemon, "bob", counter_code) == "verified");
      cut();
      BOOST_TEST(verdict(daemon, "bob", counter_code) != "verified");
    }
  const std::string code = phone.code_at(now(daemon) + 30);
  BOOST_TEST(verdict(daemon, "alice", code) == "verified");
  daemon.kill_now();
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", code) == "used-code");
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_SUITE_END()
