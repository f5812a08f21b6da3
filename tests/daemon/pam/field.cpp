// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/field.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace countersign::pam;

namespace {

std::string parts(std::string_view typed, const std::vector<int>& digits = {6}) {
  const Field field = split(typed, digits);
  return std::string(field.password) + "|" + std::string(field.code);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(field)

BOOST_AUTO_TEST_CASE(digits_at_the_end_are_the_code) {
  BOOST_TEST(parts("correct horse482913") == "correct horse|482913");
  BOOST_TEST(parts("hunter2482913") == "hunter2|482913");
  BOOST_TEST(parts("482913") == "|482913");
  BOOST_TEST(parts("secret48291357", {8}) == "secret|48291357");
}

BOOST_AUTO_TEST_CASE(as_many_as_the_users_codes_have) {
  BOOST_TEST(parts("secret4829135", {7}) == "secret|4829135");
  BOOST_TEST(parts("secret48291357", {6}) == "secret48|291357");
  BOOST_TEST(parts("secret48291357", {6, 8}) == "secret|48291357");
  BOOST_TEST(parts("secret482913", {6, 8}) == "secret|482913");
  BOOST_TEST(parts("secret482913", {8}) == "secret482913|");
  BOOST_TEST(parts("secret482913", {}) == "secret482913|");
}

BOOST_AUTO_TEST_CASE(digits_in_halves_are) {
  BOOST_TEST(parts("secret482 913") == "secret|482 913");
  BOOST_TEST(parts("horse 12 482-913") == "horse 12 |482-913");
  BOOST_TEST(parts("secret 4829 1357", {8}) == "secret |4829 1357");
  BOOST_TEST(parts("secret482 9135", {7}) == "secret|482 9135");
  BOOST_TEST(parts("secret4829 135", {7}) == "secret|4829 135");
  BOOST_TEST(parts("482 913") == "|482 913");
  BOOST_TEST(parts("room 101482913") == "room 101|482913");
  for (const char* typed : {"secret48 2913", "secret482  913", "secret482.913", "secret4 8 2 913",
                            "82 913", "482 91a", " 913"})
    BOOST_TEST(parts(typed) == std::string(typed) + "|");
}

BOOST_AUTO_TEST_CASE(a_yubikeys_letters_are) {
  const std::string otp = "vvccccbtbvvrnbtrhtvgubgltvhkjkijrbfnvkkbvrid";
  BOOST_REQUIRE_EQUAL(otp.size(), 44U);
  BOOST_TEST(parts("secret" + otp) == "secret|" + otp);
}

BOOST_AUTO_TEST_CASE(a_backup_code_is) {
  for (const char* code : {"7k2m-9qxa-r4tb-c8de", "0000-1111-2222-3333", "7K2M-9QXA-R4TB-C8DE"}) {
    BOOST_TEST(parts("secret" + std::string(code)) == "secret|" + std::string(code));
    BOOST_TEST(parts(code) == "|" + std::string(code));
  }
  for (const char* typed : {"7k2m9qxar4tbc8de", "7k2m-9qxa-r4tb", "7k2m-9qxa-r4tb-c8d",
                            "7k2m-9qxa-r4tb-c8d!", "7k2m-9qxa-r4tb-c8de ", "7k2m 9qxa r4tb c8de"})
    BOOST_TEST(parts(typed) == std::string(typed) + "|");
}

BOOST_AUTO_TEST_CASE(without_a_code_all_of_it_is_the_password) {
  for (const char* typed : {"", "secret", "12345", "secret12345", "secret 482913 ", "48291a"})
    BOOST_TEST(parts(typed) == std::string(typed) + "|");
  BOOST_TEST(parts("secret482913", {0}) == "secret482913|");
}

BOOST_AUTO_TEST_SUITE_END()
