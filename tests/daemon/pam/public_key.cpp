// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/public_key.h"

#include <boost/test/unit_test.hpp>

using namespace countersign::pam;

BOOST_AUTO_TEST_SUITE(public_key)

BOOST_AUTO_TEST_CASE(T51_a_completed_key_is_named) {
  for (const char* info :
       {"publickey ssh-ed25519 AAAAC3Nz+/=\n", "publickey ssh-ed25519 AAAAC3Nz",
        "password\npublickey ssh-rsa AAAA\n", "publickey ecdsa-sha2-nistp256 AAAA\npassword\n",
        "publickey sk-ssh-ed25519@openssh.com AAAA\n",
        "publickey ssh-ed25519-cert-v01@openssh.com AAAA ID alice\n"})
    BOOST_TEST(has_public_key(info), info);
}

BOOST_AUTO_TEST_CASE(T51_anything_else_is_no_key) {
  for (const char* info :
       {"", "\n", "publickey", "publickey ", "publickey\n", "publickey  AAAA",
        "publickey ssh-ed25519", "publickey ssh-ed25519 ", "publickey ssh-ed25519 \n",
        "publickey ssh-ed25519  AAAA", "publickey ssh-ed25519 A!AA", "publickey\nssh-ed25519 AAAA",
        "publickeys ssh-ed25519 AAAA", "PUBLICKEY ssh-ed25519 AAAA", " publickey ssh-ed25519 AAAA",
        "\tpublickey ssh-ed25519 AAAA", "hostbased ssh-ed25519 AAAA",
        "keyboard-interactive/pam publickey ssh-ed25519 AAAA",
        "password publickey ssh-ed25519 AAAA"})
    BOOST_TEST(!has_public_key(info), info);
}

BOOST_AUTO_TEST_SUITE_END()
