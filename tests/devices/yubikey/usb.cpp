// SPDX-License-Identifier: Apache-2.0
// The contract on libykpers and libusb: this program is run by `countersign-virtual run --kind
// yubikey`, which is its USB.
#include <boost/test/unit_test.hpp>

#include <cstdlib>

#include "tests/devices/yubikey/contract.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

BOOST_AUTO_TEST_SUITE(yubikey_usb)

BOOST_AUTO_TEST_CASE(libykpers_on_usb) {
  const char* const socket = std::getenv("COUNTERSIGN_CONTROL");
  BOOST_REQUIRE(socket != nullptr);
  BOOST_REQUIRE(devices::yubikey::prepare_usb());
  const devices::Device device{.id = "usb-1-1",
                               .vendor = 0x1050,
                               .product = 0x0401,
                               .node = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1"};
  hold_slot_contract(
      {.open =
           [device] {
             auto channel = devices::yubikey::open_usb(device);
             BOOST_REQUIRE_MESSAGE(channel.has_value(), "open: " << channel.error().detail);
             return std::move(*channel);
           },
       .control =
           [socket](const std::string& command) {
             const Ran ran = run({"sh", "-c", "exec \"$0\" control --control \"$1\" $2",
                                  program("countersign-virtual"), socket, command});
             BOOST_TEST_INFO(ran.err);
             BOOST_REQUIRE_EQUAL(ran.exit_code, 0);
           }});
  const devices::Device elsewhere{.id = "usb-1-2",
                                  .vendor = 0x1050,
                                  .product = 0x0401,
                                  .node = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"};
  BOOST_TEST((devices::yubikey::open_usb(elsewhere).error().failure == reader::Failure::removed));
}

BOOST_AUTO_TEST_SUITE_END()
