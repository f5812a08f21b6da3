// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/origin.h"

#include <boost/test/unit_test.hpp>

using namespace countersign::pam;

BOOST_AUTO_TEST_SUITE(origin)

BOOST_AUTO_TEST_CASE(T46_a_remote_host_is_never_here) {
  for (const char* terminal : {"", "tty1", "/dev/tty1", "ssh", ":0"})
    for (const char* seat : {"", "seat0"})
      BOOST_TEST(
          (is_here({.remote_host = "192.0.2.7", .terminal = terminal, .seat = seat}) == false));
  BOOST_TEST((is_here({.remote_host = "localhost", .terminal = "tty1", .seat = ""}) == false));
}

BOOST_AUTO_TEST_CASE(the_machines_own_screen_is_here) {
  for (const char* terminal : {"tty1", "/dev/tty1", "tty12", "/dev/tty63"})
    BOOST_TEST((is_here({.remote_host = "", .terminal = terminal, .seat = ""}) == true), terminal);
  BOOST_TEST((is_here({.remote_host = "", .terminal = ":0", .seat = "seat0"}) == true));
}

BOOST_AUTO_TEST_CASE(of_anything_else_nothing_is_claimed) {
  for (const char* terminal :
       {"", "ssh", "pts/0", "/dev/pts/0", ":0", ":1", "localhost:10.0", "ttyS0", "/dev/ttyS0",
        "tty", "tty0", "tty1x", "tty100", "/dev/tty", "xtty1", "tty/1", "cron"})
    BOOST_TEST((is_here({.remote_host = "", .terminal = terminal, .seat = ""}) == std::nullopt),
               terminal);
}

BOOST_AUTO_TEST_SUITE_END()
