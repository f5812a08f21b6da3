// SPDX-License-Identifier: Apache-2.0
#include "core/policy/send_budget.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;
using namespace std::chrono_literals;

namespace {

const Time start = from_unix_ms(1'700'000'000'000);

SendRules rules() {
  SendRules all;
  all.countries = {"49", "351", "1"};
  return all;
}

Sending to(std::string user, std::string recipient, Kind kind = Kind::sms) {
  return {
      .kind = kind, .user = std::move(user), .recipient = std::move(recipient), .country = "49"};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(send_budget)

BOOST_AUTO_TEST_CASE(T40_five_an_hour_and_fifteen_a_day_to_one_user) {
  SendBudget budget;
  Time now = start;
  int sent = 0;
  for (int i = 0; i < 24 * 60; ++i, now += 1min) {
    const Sending sending = to("alice", "n" + std::to_string(i));  // another number each time
    if (budget.refuses(sending, rules(), now)) continue;
    budget.count(sending, now);
    ++sent;
    if (i == 30) BOOST_TEST(sent == 5);
  }
  BOOST_TEST(sent == 15);
}

BOOST_AUTO_TEST_CASE(T40_one_number_is_not_bombed_through_many_users) {
  SendBudget budget;
  Time now = start;
  int sent = 0;
  for (int i = 0; i < 24 * 60; ++i, now += 1min) {
    const Sending sending = to("user" + std::to_string(i), "the number");
    if (budget.refuses(sending, rules(), now)) continue;
    budget.count(sending, now);
    ++sent;
  }
  BOOST_TEST(sent == 15);
}

BOOST_AUTO_TEST_CASE(T40_a_pause_between_two_to_one_number) {
  SendBudget budget;
  budget.count(to("alice", "a"), start);
  const auto refusal = budget.refuses(to("alice", "a"), rules(), start + 1s);
  BOOST_TEST_REQUIRE(refusal.has_value());
  BOOST_TEST(refusal->limit == "pause");
  BOOST_TEST((refusal->opens == start + 20s));
  BOOST_TEST(!budget.refuses(to("alice", "a"), rules(), start + 20s).has_value());
}

BOOST_AUTO_TEST_CASE(T40_the_cost_of_a_site_and_of_a_country_is_bounded) {
  SendRules tight = rules();
  tight.site = {10, 12};
  tight.country = {4, 100};
  SendBudget budget;
  int germany = 0;
  int portugal = 0;
  for (int i = 0; i < 50; ++i) {
    Sending sending = to("u" + std::to_string(i), "n" + std::to_string(i));
    if (!budget.refuses(sending, tight, start)) budget.count(sending, start), ++germany;
    sending.country = "351";
    sending.user += "p";
    sending.recipient += "p";
    if (!budget.refuses(sending, tight, start)) budget.count(sending, start), ++portugal;
  }
  BOOST_TEST(germany == 4);
  BOOST_TEST(portugal == 4);
  tight.country = {100, 100};
  for (int i = 0; i < 50; ++i)
    if (const Sending sending = to("v" + std::to_string(i), "m" + std::to_string(i));
        !budget.refuses(sending, tight, start))
      budget.count(sending, start), ++germany;
  BOOST_TEST(germany == 6);  // 10 of the site in this hour
  // E-mail costs nothing of it.
  BOOST_TEST(!budget.refuses(to("w", "w@example.org", Kind::email), tight, start).has_value());
}

BOOST_AUTO_TEST_CASE(T40_only_allowed_countries) {
  const std::vector<std::string> allowed = {"49", "1", "1809"};
  BOOST_TEST(country_of("+491701234567", allowed).value_or("") == "49");
  BOOST_TEST(country_of("+18095551234", allowed).value_or("") == "1809");
  BOOST_TEST(country_of("+12025550123", allowed).value_or("") == "1");
  for (const char* number : {"+8821612345678", "+351912345678", "491701234567", "", "+"})
    BOOST_TEST(!country_of(number, allowed).has_value(), number);
  BOOST_TEST(!country_of("+491701234567", {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_limit_of_zero_sends_nothing) {
  SendRules none = rules();
  none.user = {0, 0};
  BOOST_TEST(SendBudget().refuses(to("alice", "a"), none, start).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
