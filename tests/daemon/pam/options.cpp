// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/options.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace countersign;
using namespace countersign::pam;

namespace {

Result<Options> parse(std::vector<const char*> words) { return parse_options(words); }

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(without_a_word_it_is_strict) {
  const auto options = parse({});
  BOOST_REQUIRE(options.has_value());
  BOOST_TEST(options->socket == "/run/countersign/api.sock");
  BOOST_TEST(!options->fail_open);
  BOOST_TEST(options->timeout.count() == 60);
  BOOST_TEST((options->first_pass == FirstPass::ignored));
  BOOST_TEST(!options->debug);
  BOOST_TEST((options->first_factor == FirstFactor::unsaid));
}

BOOST_AUTO_TEST_CASE(T51_what_the_stack_says_of_the_first_factor) {
  BOOST_TEST((parse({"first=passed"})->first_factor == FirstFactor::passed));
  BOOST_TEST((parse({"first=publickey"})->first_factor == FirstFactor::public_key));
  for (const char* word : {"first", "first=", "first=Passed", "first=passed ", "first=none",
                           "first=password", "first=public-key", "first=passed,publickey"}) {
    const auto options = parse({word});
    BOOST_REQUIRE(!options.has_value());
    BOOST_TEST(options.error().what.contains("first"), options.error().what);
  }
}

BOOST_AUTO_TEST_CASE(each_word) {
  const auto options = parse({"socket=/run/x/api.sock", "try_first_pass", "failmode=allow",
                              "timeout=600", "service=vpn", "prompt=One-time code", "debug"});
  BOOST_REQUIRE(options.has_value());
  BOOST_TEST(options->socket == "/run/x/api.sock");
  BOOST_TEST((options->first_pass == FirstPass::tried));
  BOOST_TEST(options->fail_open);
  BOOST_TEST(options->timeout.count() == 600);
  BOOST_TEST(options->service == "vpn");
  BOOST_TEST(options->prompt == "One-time code");
  BOOST_TEST(options->debug);
  BOOST_TEST((parse({"use_first_pass"})->first_pass == FirstPass::required));
  BOOST_TEST(!parse({"failmode=allow", "failmode=deny"})->fail_open);  // the later counts
}

BOOST_AUTO_TEST_CASE(a_mistyped_word_is_refused) {
  for (const char* word : {"",
                           "nouserok",
                           "failmode",
                           "failmode=",
                           "failmode=Allow",
                           "failmode=open",
                           "timeout=",
                           "timeout=0",
                           "timeout=601",
                           "timeout=-1",
                           "timeout=5s",
                           "timeout=99999999999",
                           "socket=",
                           "socket=api.sock",
                           "service=",
                           "service=a\nb",
                           "prompt=\x1b[2J",
                           "debug=1",
                           "DEBUG",
                           "try_first_pass=1"})
    BOOST_TEST(!parse({word}).has_value(), word);
  BOOST_TEST(!parse({("service=" + std::string(65, 'a')).c_str()}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
