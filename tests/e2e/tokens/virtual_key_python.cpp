// SPDX-License-Identifier: Apache-2.0
// python3-fido2's client and its server on the virtual key (virtual_key.py), attestation checked
// against the key's root.
#include "tests/e2e/support/virtual_key.h"

using namespace countersign::test;

namespace {

void hold(const std::string& profile, const std::string& scenario, bool pin) {
  const VirtualKey key(profile);
  write_text(key.file("pin"), "1234\n");
  const Ran plugged =
      pin ? key.run({"true"}, {}, {"--pin-file", key.file("pin")}) : key.run({"true"});
  BOOST_TEST(plugged.exit_code == 0, plugged.err);
  write_text(key.file("root.pem"),
             succeed({program("countersign-virtual"), "root", "--state", key.state()}));
  BOOST_TEST(key.hold({"/usr/bin/python3", COUNTERSIGN_E2E_FOLDER "/virtual_key.py",
                       key.file("root.pem"), scenario}) == "held\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_key_python)

BOOST_AUTO_TEST_CASE(every_algorithm_exclusion_two_accounts) { hold("full", "ceremony", true); }
BOOST_AUTO_TEST_CASE(without_a_pin) { hold("full", "ceremony-no-pin", false); }
BOOST_AUTO_TEST_CASE(u2f_alone) { hold("u2f", "u2f", false); }
BOOST_AUTO_TEST_CASE(built_in_verification) { hold("uv", "finger", false); }
BOOST_AUTO_TEST_CASE(credential_management) { hold("pin", "manage", true); }
BOOST_AUTO_TEST_CASE(always_uv_and_minimum_pin_length) { hold("full", "config", true); }
BOOST_AUTO_TEST_CASE(fingerprints) { hold("full", "enrol", true); }

BOOST_AUTO_TEST_SUITE_END()
