// SPDX-License-Identifier: Apache-2.0
// The same over a hidraw node: this program runs under `countersign-virtual run`, which gives it
// /dev/hidraw0.
#include <boost/test/unit_test.hpp>

#include "tests/devices/support/reader_client.h"
#include "tests/devices/support/virtual_key.h"

using namespace countersign;
using namespace countersign::reader;

BOOST_AUTO_TEST_SUITE(hidraw)

BOOST_AUTO_TEST_CASE(a_key_on_usb_is_found_opened_and_used) {
  const TestFolder folder;
  const auto socket = folder.path() / "reader";
  const ChildProcess reader = start_reader(COUNTERSIGN_READER, socket, {});
  Client watching(socket);
  watching.send(Watch{});
  const auto devices = watching.expect<Present>().devices;
  BOOST_REQUIRE(devices.size() == 1U);
  BOOST_TEST(devices[0].id == "hidraw0");
  BOOST_TEST(devices[0].node == "/dev/hidraw0");
  BOOST_TEST((devices[0].transport == devices::Transport::usb));
  BOOST_TEST(devices[0].model == "Countersign virtual key");
  BOOST_TEST((devices[0].trouble == devices::Trouble::none));

  Client client(socket);
  client.send(Open{"hidraw0"});
  const auto opened = client.expect<Opened>();
  BOOST_REQUIRE(opened.fido2.has_value());
  BOOST_TEST(std::ranges::count(opened.fido2->versions, "FIDO_2_1") == 1);
  client.send(Fido2Make{.rp_id = "example.org",
                        .rp_name = "Example",
                        .client_data_hash = Bytes(32, 1),
                        .user_handle = {1},
                        .user_name = "alice",
                        .user_display_name = "Alice",
                        .algorithms = {-7},
                        .uv = UserVerification::discouraged,
                        .milliseconds = 5000});
  BOOST_TEST((client.expect<Prompt>().kind == PromptKind::touch));
  BOOST_TEST(client.expect<Fido2Made>().format == "packed");
}

BOOST_AUTO_TEST_SUITE_END()
