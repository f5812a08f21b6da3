// SPDX-License-Identifier: Apache-2.0
// What one caller can take of what everybody shares, and who is served all the same (T54, T55).
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include "tests/e2e/support/busy.h"

using namespace countersign;
using namespace countersign::test;

namespace {

constexpr uid_t nobody = 65534;
constexpr uid_t stranger = 12345;
constexpr uid_t web = 12346;

struct SharedHouse : House {
  SharedHouse() : House("[[verifier]]\nname = \"web\"\nuser = 12346\nservices = [\"web\"]\n") {
    (void)chmod(folder.path().c_str(), 0755);
    for (const char* name : {"norbert", "bob"}) add_user(daemon, name);
    (void)daemon.cli({"user", "set", "norbert", "--login", "nobody"});
    phone = enroll_totp(daemon, "norbert");
    (void)enroll_totp(daemon, "bob");
    (void)daemon.cli({"policy", "set", "staff", "--mode", "required", "--yes"});
  }
  // How many sign-ins are begun before one is refused, and what it is told.
  [[nodiscard]] std::pair<int, std::string> fill(const std::string& user, int most) const {
    std::string last;
    int begun = 0;
    for (; begun < most; ++begun) {
      const auto answer =
          daemon.call("POST", "/v1/sign-ins", sign_in(user, "s" + std::to_string(begun % 7)));
      last = std::to_string(answer.status) + " " + answer.body;
      if (answer.status != 200) break;
    }
    return {begun, last};
  }
  static std::string sign_in(const std::string& user, const std::string& service) {
    return R"({"user":")" + user + R"(","service":")" + service + R"(","primary":"none"})";
  }
  Phone phone;  // norbert's
  [[nodiscard]] std::int64_t recorded() const {
    const Json page = object_in(daemon.call("GET", "/v1/audit/events?limit=1").body);
    return page.at("head").at("sequence").as_int64();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shares)

BOOST_AUTO_TEST_CASE(T54_one_uid_at_its_cap_keeps_nobody_else_from_signing_in) {
  const SharedHouse house;
  const std::string filled = as_uid(nobody, [&] {
    const auto [begun, told] = house.fill("norbert", 2000);
    return std::to_string(begun) + " " + told;
  });
  BOOST_TEST(filled.starts_with("256 429 "), filled);
  const auto begin = [&](const std::string& user, const std::string& service) {
    return house.daemon.call("POST", "/v1/sign-ins", SharedHouse::sign_in(user, service)).status;
  };
  BOOST_TEST(begin("bob", "sshd") == 200);
  BOOST_TEST(as_uid(web, [&] { return std::to_string(begin("bob", "web")); }) == "200");
}

BOOST_AUTO_TEST_CASE(T55_a_stranger_does_not_fill_the_record) {
  const SharedHouse house;
  const auto before = house.recorded();
  const std::string body =
      R"({"service":"x","credential":{"id":"AAAA","rawId":"AAAA","type":"public-key","response":)"
      R"({"clientDataJSON":"AAAA","authenticatorData":"AAAA","signature":"AAAA"},"clientExtensionResults":{}}})";
  const std::string last = as_uid(stranger, [&] {
    std::string told;
    for (int i = 0; i < 500; ++i)
      told = house.daemon.call("POST", "/v1/webauthn/authentications/zzzz", body).body;
    return told;
  });
  BOOST_TEST(last.find("denied") != std::string::npos, last);
  const auto after = house.recorded();
  BOOST_TEST(after > before);
  BOOST_TEST(after - before <= 20);  // ten in a minute, and a minute may have ended meanwhile
}

BOOST_AUTO_TEST_CASE(T55_denials_that_no_throttle_slows_down_do_not_fill_the_record) {
  const SharedHouse house;
  const auto grows_by = [&](const std::string& path, const std::string& body,
                            const std::string& expected) {
    const auto before = house.recorded();
    const std::string last = as_uid(nobody, [&] {
      std::string told;
      for (int i = 0; i < 250; ++i) told = house.daemon.call("POST", path, body).body;
      return told;
    });
    BOOST_TEST(last.find(expected) != std::string::npos, last);
    return house.recorded() - before;
  };
  // A code for a challenge that nobody was sent.
  Json wrong = object_in(verification("norbert", "000000"));
  wrong["challenge"] = "AAAA";
  BOOST_TEST(grows_by("/v1/verifications", boost::json::serialize(wrong), "denied") <= 20);
  // A sign-in that policy denies.
  BOOST_TEST(house.daemon.cli({"authenticator", "revoke", house.phone.id}).exit_code == 0);
  BOOST_TEST(grows_by("/v1/sign-ins", SharedHouse::sign_in("norbert", "s"), "lost-factor") <= 20);
}

// Whoever speaks for themselves may change what is theirs as they like, but not a thousand times.
BOOST_AUTO_TEST_CASE(T55_changes_by_one_uid_do_not_fill_the_record) {
  const SharedHouse house;
  const std::string counted = as_uid(nobody, [&] {
    int allowed = 0;
    std::string told;
    for (int i = 0; i < 1000; ++i) {
      const auto answer = house.daemon.call("PATCH", "/v1/authenticators/" + house.phone.id,
                                            R"({"label":"phone )" + std::to_string(i) + "\"}");
      if (answer.status == 200)
        ++allowed;
      else
        told = std::to_string(answer.status) + " " + answer.body;
    }
    return std::to_string(allowed) + " " + told;
  });
  const int allowed = std::stoi(counted);
  BOOST_TEST((allowed >= 600 && allowed <= 800), counted);  // 600, and two more each second
  BOOST_TEST(counted.find("429") != std::string::npos, counted);
  BOOST_TEST(house.daemon.call("POST", "/v1/sign-ins", SharedHouse::sign_in("bob", "s")).status ==
             200);
}

BOOST_AUTO_TEST_CASE(T54_slow_requests_of_one_uid_do_not_hold_up_others) {
  const SharedHouse house;
  const auto enrolled = object_in(
      house.daemon
          .call("POST", "/v1/enrollments", R"({"user":"norbert","kind":"backup-codes","codes":60})")
          .body);
  BOOST_TEST_REQUIRE(!enrolled.empty());
  // Each of these costs a slow hash, and sixteen are always under way.
  std::vector<std::unique_ptr<Busy>> busy;
  for (int i = 0; i < 16; ++i)
    busy.push_back(std::make_unique<Busy>(nobody, [&] {
      (void)house.daemon.call("POST", "/v1/verifications",
                              verification("norbert", "0000-0000-0000-0000"));
    }));
  for (const uid_t uid : {stranger, web})
    for (int i = 0; i < 20; ++i)
      BOOST_TEST(as_uid(uid, [&] {
                   return std::to_string(house.daemon.call("GET", "/v1/status").status);
                 }) == "200");
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(house.daemon.call("GET", "/v1/coverage").status == 200);  // a worker's
}

BOOST_AUTO_TEST_SUITE_END()
