// SPDX-License-Identifier: Apache-2.0
#include "core/base/fold.h"

#include <boost/test/unit_test.hpp>

#include "core/user.h"

using namespace countersign;

BOOST_AUTO_TEST_SUITE(fold)

BOOST_AUTO_TEST_CASE(T52_names_that_differ_by_case_fold_alike) {
  for (const auto& [one, other] :
       {std::pair("alice", "ALICE"), std::pair("Jörg", "JÖRG"),
        std::pair("CORP\\dave", "corp\\DAVE"), std::pair("Ωmega", "ωMEGA"),
        std::pair("Σίσυφος", "ΣΊΣΥΦΟΣ"), std::pair("Иван", "иван"),
        std::pair("Kelvin",
                  "\xE2\x84\xAA"
                  "elvin")})
    BOOST_TEST(fold_case(one) == fold_case(other), one);
  for (const auto& [one, other] : {std::pair("alice", "a1ice"), std::pair("jörg", "jorg"),
                                   std::pair("web", "web$"), std::pair("a b", "ab")})
    BOOST_TEST(fold_case(one) != fold_case(other), one);
  BOOST_TEST(fold_case("") == "");
  BOOST_TEST(fold_case("名前 o'brien@x") == "名前 o'brien@x");
  BOOST_TEST(fold_case("A\xFF\xC3") == "a\xFF\xC3");  // not UTF-8: stays
  BOOST_TEST(fold_case("\xF0\x90\x90\x80") ==
             "\xF0\x90\x90\xA8");  // Deseret, beyond the first plane
}

BOOST_AUTO_TEST_CASE(T52_names_and_logins_as_directories_have_them) {
  const auto valid = [](User user) { return validate(user).has_value(); };
  for (const char* name : {"o'brien", "jörg", "anna maria", "web$", "user/admin", "CORP\\dave",
                           "frank@corp.example", "_x", "7", "名前"})
    BOOST_TEST(valid({.name = name}), name);
  for (const char* name : {"", "login:x", "a:b", " a", "a ", "-x", ".x", "a;b", "a\"b", "a=b",
                           "a|b", "a\nb", "a\x7F", "a\xFF",
                           "a\xE2\x80\xAE"
                           "b"})
    BOOST_TEST(!valid({.name = name}), name);
  BOOST_TEST(valid({.name = std::string(128, 'a')}));
  BOOST_TEST(!valid({.name = std::string(129, 'a')}));
  for (const char* login : {"", "CORP\\dave", "frank@corp.example", "anna maria", "o'brien", "jörg",
                            "web$", "-x", "a b "})
    BOOST_TEST(valid({.name = "x", .login = login}), login);
  for (const char* login : {"a:b", "a/b", "a\nb", "a\x01", "a\xFF",
                            "a\xE2\x80\xAE"
                            "b"})
    BOOST_TEST(!valid({.name = "x", .login = login}), login);
  BOOST_TEST(!valid({.name = "x", .login = std::string(257, 'a')}));
}

BOOST_AUTO_TEST_SUITE_END()
