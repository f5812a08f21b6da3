// SPDX-License-Identifier: Apache-2.0
#include "core/formats/users_csv.h"

#include <boost/test/unit_test.hpp>

#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

auto import(std::string_view text) { return collect<UserRecord>(text, import_users_csv); }

}  // namespace

BOOST_AUTO_TEST_SUITE(users_csv)

BOOST_AUTO_TEST_CASE(all_columns) {
  const auto got = import(
      "name,Display Name,audience,location,phone,E-Mail,role,login\n"
      "alice,\"Alice, A.\",client,berlin,+491701234567,a@example.org,helpdesk,alice\nbob,,,,,,,\n");
  BOOST_REQUIRE(got.whole());
  BOOST_REQUIRE(got.rows.size() == 2u);
  const User& alice = got.rows[0].user;
  BOOST_TEST(alice.display_name == "Alice, A.");
  BOOST_TEST(alice.audience == "client");
  BOOST_TEST(alice.phone == "+491701234567");
  BOOST_TEST(alice.email == "a@example.org");
  BOOST_TEST((alice.role == Role::helpdesk));
  BOOST_TEST(alice.login == "alice");
  BOOST_TEST(got.rows[1].line == 3u);
  BOOST_TEST(got.rows[1].user.audience == "staff");
  BOOST_TEST((got.rows[1].user.role == Role::user));
}

BOOST_AUTO_TEST_CASE(T44_every_refused_row_is_named_with_its_line) {
  const auto got = import(
      "name,phone,role\n,,user\na:b,,\nalice,0170,\nalice,,king\nalice,,\"admin\nbob\"\ncarol,,"
      "admin\n");
  BOOST_REQUIRE(got.result);
  BOOST_TEST(got.rows.size() == 1u);
  BOOST_REQUIRE(got.refusals.size() == 5u);
  const std::pair<std::size_t, std::string_view> expected[] = {{2, "user name"},
                                                               {3, "user name"},
                                                               {4, "phone '0170'"},
                                                               {5, "role 'king'"},
                                                               {6, "role 'admin\\nbob'"}};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    BOOST_TEST(got.refusals[i].line == expected[i].first);
    BOOST_TEST(got.refusals[i].reason.contains(expected[i].second), got.refusals[i].reason);
  }
  BOOST_TEST(!import("display_name\nx\n").result);
  BOOST_TEST(!import("shoe size\n4\n").result);
}

BOOST_AUTO_TEST_CASE(a_spreadsheet_of_people) {
  const auto got = import(
      "name;display_name;phone;department;\r\nalice;Alice, "
      "A.;;IT;\r\n;;;;\r\nbob;;4.91701E+11;HR;\r\n");
  BOOST_TEST(got.rows.size() == 1u);
  BOOST_TEST(got.rows.at(0).user.display_name == "Alice, A.");
  BOOST_TEST((got.tally.passed_over == std::vector<std::string>{"department"}));
  BOOST_REQUIRE(got.refusals.size() == 1u);
  BOOST_TEST(got.refusals[0].reason.contains("rounded"));
}

BOOST_AUTO_TEST_CASE(what_was_not_saved_as_utf_8_says_so) {
  const auto got = import("name,display_name\r\nalice,J\xF6rg\r\nbob,J\xC3\xB6rg\r\n");
  BOOST_TEST(got.rows.size() == 1u);
  BOOST_TEST(got.refusals.at(0).reason.contains("save the file as CSV (UTF-8)"));
  const auto old = import("name,display_name\ralice,Alice\r");
  BOOST_TEST_REQUIRE(!old.result);
  BOOST_TEST(old.result.error().what.contains("CR alone"), old.result.error().what);
}

BOOST_AUTO_TEST_SUITE_END()
