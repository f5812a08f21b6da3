// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/failure.h"

#include <fido.h>

#include <boost/test/unit_test.hpp>
#include <set>

using namespace countersign::devices::fido2;
using countersign::reader::Failure;

BOOST_AUTO_TEST_SUITE(failure)

BOOST_AUTO_TEST_CASE(what_the_token_said_stands) {
  BOOST_TEST((failed(FIDO_ERR_PIN_BLOCKED, LinkTrouble::none).failure == Failure::pin_blocked));
  BOOST_TEST((failed(FIDO_ERR_PIN_AUTH_BLOCKED, LinkTrouble::none).failure == Failure::pin_paused));
  BOOST_TEST(
      (failed(FIDO_ERR_CREDENTIAL_EXCLUDED, LinkTrouble::timed_out).failure == Failure::excluded));
  BOOST_TEST(failed(FIDO_ERR_PIN_BLOCKED, LinkTrouble::none).detail == "FIDO_ERR_PIN_BLOCKED");
}

BOOST_AUTO_TEST_CASE(silence_is_explained_by_the_link) {
  BOOST_TEST((failed(FIDO_ERR_RX, LinkTrouble::none).failure == Failure::malformed));
  BOOST_TEST((failed(FIDO_ERR_RX, LinkTrouble::removed).failure == Failure::removed));
  BOOST_TEST((failed(FIDO_ERR_RX, LinkTrouble::timed_out).failure == Failure::timed_out));
  BOOST_TEST((failed(FIDO_ERR_TX, LinkTrouble::cancelled).failure == Failure::cancelled));
  BOOST_TEST(
      (failed(FIDO_ERR_KEEPALIVE_CANCEL, LinkTrouble::timed_out).failure == Failure::timed_out));
  BOOST_TEST((failed(FIDO_ERR_RX, LinkTrouble::busy).failure == Failure::busy));
}

BOOST_AUTO_TEST_CASE(no_error_is_a_success) {
  for (int error = -20; error <= 0xff; ++error)
    if (error != FIDO_OK)
      BOOST_TEST((failed(error, LinkTrouble::none).failure <= Failure::internal));
  BOOST_TEST(
      (failed(0x99, LinkTrouble::none).failure == Failure::malformed));  // unknown to the standard
}

BOOST_AUTO_TEST_SUITE_END()
