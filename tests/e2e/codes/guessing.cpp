// SPDX-License-Identifier: Apache-2.0
// Who guesses codes: one budget per user (T07); who asks to learn who exists: the same words and
// work (T32).
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <map>
#include <mutex>
#include <thread>

#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;

namespace {

std::int64_t head_of(const DaemonProcess& daemon) {
  return ask(daemon, "GET", "/v1/status").at("audit_events").as_int64();
}

void guess_wrong(const DaemonProcess& daemon, const Phone& phone, int times) {
  for (int i = 0; i < times; ++i)
    BOOST_TEST(verdict(daemon, phone.user, wrong_code(daemon, phone)) == "wrong-code");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(guessing)

BOOST_AUTO_TEST_CASE(T07_parallel_guesses_share_one_budget) {
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const auto backup = enroll_backup_codes(daemon, "alice");
  const std::string wrong = wrong_code(daemon, phone);
  std::map<std::string, int> answers;
  std::mutex mutex;
  {
    std::vector<std::jthread> guessers;
    for (int i = 0; i < 40; ++i)
      guessers.emplace_back([&, i] {
        // Many services: they are callers of their own, and share the budget all the same.
        const auto answer =
            daemon.call("POST", "/v1/verifications",
                        verification("alice", wrong, "service-" + std::to_string(i % 7)));
        const std::lock_guard lock(mutex);
        ++answers[text(object_in(answer.body), "reason")];
      });
  }
  BOOST_TEST(answers["wrong-code"] == 10);
  BOOST_TEST(answers["throttled"] == 30);

  // Now the right code does not help, of whatever kind, on whatever service, nor after a restart.
  const std::string right = phone.code_at(now(daemon));
  for (int start = 0; start < 2; ++start) {
    BOOST_TEST(verdict(daemon, "alice", right) == "throttled");
    BOOST_TEST(verdict(daemon, "alice", backup[0]) == "throttled");
    BOOST_TEST(text(ask(daemon, "POST", "/v1/verifications", verification("alice", right, "other")),
                    "reason") == "throttled");
    daemon.kill_now();
    daemon.start();
  }
  const Ran told_when = daemon.cli({"verify", "--user", "alice", "--code", right});
  BOOST_TEST(told_when.exit_code == 1);
  BOOST_TEST(told_when.out.find("accepted again at 20") != std::string::npos, told_when.out);

  // After the wait one try: wrong again doubles it.
  advance(daemon, 31);
  BOOST_TEST(verdict(daemon, "alice", wrong_code(daemon, phone)) == "wrong-code");
  advance(daemon, 31);
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon))) == "throttled");
  advance(daemon, 30);
  BOOST_TEST(verdict(daemon, "alice", wrong_code(daemon, phone)) == "wrong-code");
  advance(daemon, 121);
  // The right code gets through, and what it asks for next waits for the other callers' failures.
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");

  // Denials under throttle are counted in the record, not listed one by one.
  const Ran record = daemon.cli({"audit", "list"});
  BOOST_TEST(record.out.find("denied_under_throttle") != std::string::npos);
  BOOST_TEST(record.out.find("\"reason\":\"throttled\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(T07_a_success_clears_only_its_own_callers_failures) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const auto reason = [&](const std::string& code, const std::string& service) {
    const Json answer =
        ask(daemon, "POST", "/v1/verifications", verification("alice", code, service));
    return text(answer, "verdict") == "verified" ? "verified" : text(answer, "reason");
  };
  for (int i = 0; i < 6; ++i)
    BOOST_TEST(reason(wrong_code(daemon, phone), "attacked") == "wrong-code");
  for (int i = 0; i < 3; ++i) BOOST_TEST(reason(wrong_code(daemon, phone), "own") == "wrong-code");
  BOOST_TEST(reason(fresh_code(daemon, phone), "own") == "verified");  // clears three of nine
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(reason(wrong_code(daemon, phone), "attacked") == "wrong-code");
  BOOST_TEST(reason(phone.code_at(now(daemon)), "attacked") == "throttled");
  BOOST_TEST(reason(phone.code_at(now(daemon) + 30), "own") == "throttled");
}

BOOST_AUTO_TEST_CASE(T07_the_monthly_cap_is_not_refilled_by_successes) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  for (int round = 0; round < 20; ++round) {
    guess_wrong(daemon, phone, 5);
    if (round < 19) BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
  }
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "throttled");
  advance(daemon, 86'400);
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "throttled");
  // The helpdesk reopens; nobody else's wait is touched.
  BOOST_TEST(daemon.cli({"user", "reopen", "alice"}).exit_code == 0);
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
  guess_wrong(daemon, phone, 10);
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon) + 30)) == "throttled");
  advance(daemon, 30LL * 86'400);
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
}

BOOST_AUTO_TEST_CASE(T07_codes_of_users_who_do_not_exist_are_throttled_too) {
  const House house;
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(verdict(house.daemon, "nobody-there", "123456") == "unknown-user");
  BOOST_TEST(verdict(house.daemon, "nobody-there", "123456") == "throttled");
}

BOOST_AUTO_TEST_CASE(T32_who_is_no_verifier_learns_nothing_from_words_or_commits) {
  const House house;
  const auto& daemon = house.daemon;
  (void)chmod(house.folder.path().c_str(), 0755);
  constexpr uid_t person = 65534;  // nobody, on every Debian
  for (const char* name : {"with", "without", "suspended"}) add_user(daemon, name);
  const Phone phone = enroll_totp(daemon, "with");
  BOOST_TEST(daemon.cli({"user", "suspend", "suspended"}).exit_code == 0);
  const auto asked = [&](const std::string& user, const std::string& code) {
    return as_uid(person, [&] {
      const auto answer = daemon.call("POST", "/v1/verifications", verification(user, code));
      return std::to_string(answer.status) + " " + answer.body;
    });
  };
  // Others: one refusal, whether they exist or not, and whether the code is right.
  const std::string others = asked("with", "123456");
  BOOST_TEST(others.starts_with("403 "), others);
  for (const char* name : {"without", "suspended", "nobody-there"})
    BOOST_TEST(asked(name, "123456") == others);
  BOOST_TEST(asked("with", phone.code_at(now(daemon))) == others);
  BOOST_TEST(asked("nobody-there", "x") == others);

  // The caller's own user: whatever is the matter, the words are the same, and so is the number of
  // commits.
  const auto own = [&](const std::string& user, const std::string& code) {
    (void)ask(daemon, "PATCH", "/v1/users/" + user, R"({"login":"nobody"})");
    const std::int64_t before = head_of(daemon);
    std::string answer = asked(user, code);
    const std::int64_t commits = head_of(daemon) - before;
    (void)ask(daemon, "PATCH", "/v1/users/" + user, R"({"login":""})");
    if (const auto at = answer.find(user); at != std::string::npos)
      answer.replace(at, user.size(), "USER");
    return std::to_string(commits) + " commits: " + answer;
  };
  const std::string wrong = wrong_code(daemon, phone);
  const std::string expected = own("with", wrong);
  BOOST_TEST(expected.starts_with("1 commits: 200 {\"verdict\":\"denied\",\"reason\":\"denied\""),
             expected);
  BOOST_TEST(own("without", wrong) == expected);
  const std::string code = fresh_code(daemon, phone);
  BOOST_TEST(own("with", code).find("\"verified\"") != std::string::npos);
  BOOST_TEST(own("with", code) == expected);  // used
  // As a verifier sees them, they differ, and each is one commit.
  for (const auto& [user, reason] :
       {std::pair("with", "wrong-code"), std::pair("without", "no-factor"),
        std::pair("suspended", "user-suspended"), std::pair("nobody-there", "unknown-user")}) {
    const std::int64_t before = head_of(daemon);
    BOOST_TEST(verdict(daemon, user, wrong) == reason);
    BOOST_TEST(head_of(daemon) == before + 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
