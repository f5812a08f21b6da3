// SPDX-License-Identifier: Apache-2.0
// pam_countersign.so under pamtester, with the real daemon and software keys. As root.
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/e2e/pam_house.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

struct Alice : PamHouse {
  explicit Alice(const std::string& config = {}) : PamHouse(config) { stack("required"); }
  Phone phone = person("alice");
  [[nodiscard]] std::string code() const { return fresh_code(daemon, phone) + "\n"; }
};

const std::vector<std::string> no_pin = {"--profile", "no-pin"};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_AUTO_TEST_SUITE(pam)

BOOST_AUTO_TEST_CASE(a_code_lets_in_once) {
  const Alice house;
  const std::string code = house.code();
  const Ran in = house.pam("alice", code);
  BOOST_TEST(in.exit_code == 0, in.out << in.err << logged());
  BOOST_TEST((in.out + in.err).contains("Code, or press Enter and touch your key: "));
  (void)logged();
  BOOST_TEST(!house.lets_in("alice", code));  // T01
  const std::string log = logged();
  BOOST_TEST(log.starts_with("<85>"), log);  // authpriv.notice
  BOOST_TEST(log.contains("pam_countersign(test:auth): alice denied (test): used-code"), log);
  BOOST_TEST(!house.lets_in("alice", wrong_code(house.daemon, house.phone) + "\n"));
}

BOOST_AUTO_TEST_CASE(enter_and_a_touch_let_in) {
  const Alice house;
  const SoftKey key = house.plug("a", {"--profile", "no-pin", "--touch-delay", "300"});
  (void)house.enroll(house.name_of("alice"));
  const Ran in = house.pam("alice", "\n");
  BOOST_TEST(in.exit_code == 0, in.out << in.err << logged());
  BOOST_TEST((in.out + in.err).contains(" for alice (test)"), in.out << in.err << logged());  // T46: the prompt names user and service
}

BOOST_AUTO_TEST_CASE(a_pin_is_asked_for_and_goes_to_the_key) {
  const Alice house;
  const SoftKey key = house.plug("a", {"--profile", "pin"});
  (void)told(house.daemon, {"device", "pin", "set", "--new-pin-file", house.pin("4711")});
  (void)house.enroll(house.name_of("alice"), {"--pin-file", house.pin("4711"), "--uv", "required"});
  const Ran in = house.pam("alice", "\n4711\n");
  BOOST_TEST(in.exit_code == 0, in.out << in.err << logged());
  const Ran out = house.pam("alice", "\n4712\n");  // and then nothing more is typed
  BOOST_TEST(out.exit_code != 0);
}

BOOST_AUTO_TEST_SUITE_END()
