// SPDX-License-Identifier: Apache-2.0
// The contract on a software key's socket, and on a card (APDUs of the OTP application).
#include <boost/test/unit_test.hpp>

#include "tests/devices/yubikey/contract.h"
#include "tests/e2e/support/key_house.h"

using namespace countersign;
using namespace countersign::test;

namespace {

// countersign-virtual serve, with its control socket.
struct Served {
  Served(const std::string& kind, const std::vector<std::string>& more)
      : socket(folder / "key.sock"), control(folder / "key.control"), running([&] {
          std::vector<std::string> words{program("countersign-virtual"),
                                         "serve",
                                         "--kind",
                                         kind,
                                         "--socket",
                                         socket,
                                         "--control",
                                         control,
                                         "--die-with-parent"};
          words.insert(words.end(), more.begin(), more.end());
          return words;
        }()) {
    for (int i = 0; i < 500 && run({"test", "-e", socket + ".json"}).exit_code != 0; ++i)
      (void)run({"sleep", "0.02"});
  }
  void tell(const std::string& command) const {
    const Ran ran = run({"sh", "-c", "exec \"$0\" control --control \"$1\" $2",
                         program("countersign-virtual"), control, command});
    BOOST_TEST_INFO(ran.err);
    BOOST_REQUIRE_EQUAL(ran.exit_code, 0);
  }
  TemporaryFolder folder;
  std::string socket, control;
  Running running;
};

template <auto open>
SlotRig rig_of(const Served& served) {
  const devices::Device device{
      .id = "software-key", .transport = devices::Transport::software, .node = served.socket};
  return {.open =
              [device] {
                for (int i = 0;; ++i) {  // a key that was pulled out is plugged in again
                  auto channel = open(device);
                  if (channel || i == 50)
                    return channel ? std::move(*channel)
                                   : throw std::runtime_error(channel.error().detail);
                  (void)run({"sleep", "0.02"});
                }
              },
          .control = [&served](const std::string& command) { served.tell(command); }};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yubikey_transports)

BOOST_AUTO_TEST_CASE(the_socket_of_a_software_key) {
  const Served served("yubikey", {"--touch", "manual"});
  hold_slot_contract(rig_of<devices::yubikey::open_software>(served));
}

BOOST_AUTO_TEST_CASE(the_application_of_a_card) {
  const Served served("card", {"--touch", "manual"});
  SlotRig rig = rig_of<devices::yubikey::open_card>(served);
  rig.reports = false;
  hold_slot_contract(rig);
}

BOOST_AUTO_TEST_SUITE_END()
