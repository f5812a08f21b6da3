// SPDX-License-Identifier: Apache-2.0
// The directory over a /sys that umockdev plays; this program runs under umockdev-wrapper.
#include "devices/usb/directory.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <umockdev.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

using namespace countersign;
using namespace countersign::devices;
using namespace countersign::devices::usb;

namespace {

constexpr const char* fido_descriptor =
    "06D0F10901A1010920150026FF007508954081020921150026FF00750895409102C0";
constexpr const char* keyboard_descriptor =
    "05010906A1010507"
    "19E029E715002501750195088102950175088101050819012905950575019102950175039101050719002965150025"
    "65"
    "950675088100C0";
constexpr const char* mouse_descriptor =
    "05010902A1010901A100050919012903150025019503750181029501750581010501093009311581257F7508950281"
    "06C0C0";

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};

struct Fixture {
  std::unique_ptr<UMockdevTestbed, Unref> testbed{umockdev_testbed_new()};

  void add(const std::string& description) {
    GError* error = nullptr;
    BOOST_REQUIRE(umockdev_testbed_add_from_string(testbed.get(), description.c_str(), &error));
  }

  // A USB device as `umockdev-record` writes it.
  std::string usb_device(const std::string& port, const std::string& vendor,
                         const std::string& product, const std::string& bcd,
                         const std::string& name, const std::string& serial = {}) {
    std::string text = "P: /devices/pci0000:00/usb1/" + port +
                       "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: idVendor=" + vendor +
                       "\nA: idProduct=" + product + "\nA: bcdDevice=" + bcd +
                       "\nA: product=" + name + "\n";
    if (!serial.empty()) text += "A: serial=" + serial + "\n";
    return text + "\n";
  }
  std::string interface(const std::string& port, int number, const std::string& hidraw,
                        const std::string& descriptor) {
    const std::string at =
        "/devices/pci0000:00/usb1/" + port + "/" + port + ":1." + std::to_string(number);
    const std::string hid = at + "/0003:AAAA:BBBB.000" + hidraw.back();  // the kernel numbers them
    return "P: " + at + "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n\nP: " + hid +
           "\nE: SUBSYSTEM=hid\nE: HID_ID=0003:0000AAAA:0000BBBB\nH: report_descriptor=" +
           descriptor + "\n\nP: " + hid + "/hidraw/" + hidraw + "\nN: " + hidraw +
           "\nE: SUBSYSTEM=hidraw\nE: DEVNAME=/dev/" + hidraw + "\n\n";
  }
  std::vector<Device> present() {
    auto directory = Directory::open(Events::none);
    BOOST_REQUIRE(directory.has_value());
    return directory->present();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(directory, Fixture)

BOOST_AUTO_TEST_CASE(it_runs_under_umockdev) { BOOST_REQUIRE(umockdev_in_mock_environment()); }

BOOST_AUTO_TEST_CASE(nothing_there) { BOOST_TEST(present().empty()); }

BOOST_AUTO_TEST_CASE(a_yubikey_is_one_token_with_two_interfaces) {
  add(usb_device("1-1", "1050", "0407", "0543", "YubiKey OTP+FIDO+CCID", "0012345678"));
  add(interface("1-1", 0, "hidraw0", keyboard_descriptor));
  add(interface("1-1", 1, "hidraw1", fido_descriptor));
  const auto devices = present();
  BOOST_REQUIRE(devices.size() == 1U);
  BOOST_TEST(devices[0].id == "hidraw1");
  BOOST_TEST(devices[0].node == "/dev/hidraw1");
  BOOST_TEST(devices[0].model == "YubiKey 5");
  BOOST_TEST(devices[0].firmware == "5.4.3");
  BOOST_TEST(devices[0].serial == "0012345678");
  BOOST_TEST(devices[0].vendor == 0x1050);
  BOOST_TEST(devices[0].product == 0x0407);
  BOOST_TEST((devices[0].capabilities ==
              std::vector{Capability::fido2, Capability::u2f, Capability::otp}));
  BOOST_TEST((devices[0].trouble == Trouble::none));
}

BOOST_AUTO_TEST_CASE(a_yubikey_with_otp_alone) {
  add(usb_device("1-1", "1050", "0401", "0435", "Yubikey 4 OTP"));
  add(interface("1-1", 0, "hidraw0", keyboard_descriptor));
  const auto devices = present();
  BOOST_REQUIRE(devices.size() == 1U);
  BOOST_TEST(devices[0].model == "YubiKey 4");
  BOOST_TEST((devices[0].capabilities == std::vector{Capability::otp}));
}

BOOST_AUTO_TEST_CASE(mice_and_keyboards_are_no_tokens) {
  add(usb_device("1-1", "046d", "c077", "7200", "Mouse"));
  add(interface("1-1", 0, "hidraw0", mouse_descriptor));
  add(usb_device("1-2", "046d", "c31c", "6400", "Keyboard"));
  add(interface("1-2", 0, "hidraw1", keyboard_descriptor));
  BOOST_TEST(present().empty());
}

BOOST_AUTO_TEST_CASE(a_fido_token_that_nobody_knows_works_by_its_usage_page) {
  add(usb_device("1-1", "abcd", "ef01", "0100", "Somebody's \x1b[31mKey"));
  add(interface("1-1", 0, "hidraw7", fido_descriptor));
  const auto devices = present();
  BOOST_REQUIRE(devices.size() == 1U);
  BOOST_TEST(devices[0].model.starts_with("Somebody's "));
  BOOST_TEST(!devices[0].model.contains('\x1b'));
  BOOST_TEST(devices[0].firmware.empty());
  BOOST_TEST((devices[0].capabilities == std::vector{Capability::fido2, Capability::u2f}));
}

BOOST_AUTO_TEST_CASE(a_key_without_usb_is_told_by_its_hid_device) {
  add("P: /devices/virtual/misc/uhid/0003:20A0:42B2.0001\nE: SUBSYSTEM=hid\nE: "
      "HID_ID=0003:000020A0:000042B2\nE: HID_NAME=Nitrokey 3\nE: HID_UNIQ=u1\n"
      "H: report_descriptor=" +
      std::string(fido_descriptor) +
      "\n\n"
      "P: /devices/virtual/misc/uhid/0003:20A0:42B2.0001/hidraw/hidraw2\nN: hidraw2\nE: "
      "SUBSYSTEM=hidraw\nE: DEVNAME=/dev/hidraw2\n\n");
  const auto devices = present();
  BOOST_REQUIRE(devices.size() == 1U);
  BOOST_TEST(devices[0].model == "Nitrokey 3");
  BOOST_TEST(devices[0].serial == "u1");
  BOOST_TEST(devices[0].vendor == 0x20a0);
}

BOOST_AUTO_TEST_CASE(T29_a_descriptor_that_is_nonsense) {
  add(usb_device("1-1", "1050", "0407", "0543", "YubiKey"));
  add(interface("1-1", 0, "hidraw0", "FEFF"));
  BOOST_TEST(present().empty());
}

BOOST_AUTO_TEST_CASE(two_tokens_are_two) {
  for (const int port : {1, 2}) {
    const std::string name = "1-" + std::to_string(port);
    add(usb_device(name, "20a0", "42b2", "0107", "Nitrokey 3"));
    add(interface(name, 0, "hidraw" + std::to_string(port), fido_descriptor));
  }
  BOOST_TEST(present().size() == 2U);
}

// Whether the node may be used is asked by who runs this; a child that is nobody is refused.
BOOST_AUTO_TEST_CASE(a_node_that_is_not_ours_is_trouble) {
  add(usb_device("1-1", "20a0", "42b2", "0107", "Nitrokey 3"));
  add(interface("1-1", 0, "hidraw0", fido_descriptor));
  std::unique_ptr<char, decltype(&g_free)> root(umockdev_testbed_get_root_dir(testbed.get()),
                                                &g_free);
  const std::string node = std::string(root.get()) + "/dev/hidraw0";
  BOOST_REQUIRE(chmod(root.get(), 0755) == 0);
  BOOST_REQUIRE(chmod(node.c_str(), geteuid() == 0 ? 0600 : 0000) == 0);
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(3);
    auto opened = Directory::open(Events::none);
    const auto devices = opened ? opened->present() : std::vector<Device>();
    _exit(devices.size() != 1 ? 2 : devices[0].trouble == Trouble::permission ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0), "status " << status);
}

BOOST_AUTO_TEST_CASE(plugging_in_and_out_is_an_event) {
  auto watched = Directory::open(Events::udevd);
  BOOST_REQUIRE(watched.has_value());
  BOOST_REQUIRE(watched->events() >= 0);
  const auto event = [&] {
    pollfd ready{.fd = watched->events(), .events = POLLIN, .revents = 0};
    const bool came = poll(&ready, 1, 3000) == 1;
    watched->drain();
    return came;
  };
  add(usb_device("1-1", "20a0", "42b2", "0107", "Nitrokey 3"));
  add(interface("1-1", 0, "hidraw0", fido_descriptor));
  const char* node = "/sys/devices/pci0000:00/usb1/1-1/1-1:1.0/0003:AAAA:BBBB.0000/hidraw/hidraw0";
  umockdev_testbed_uevent(testbed.get(), node, "add");
  BOOST_TEST(event());
  BOOST_TEST(watched->present().size() == 1U);
  umockdev_testbed_uevent(testbed.get(), node, "remove");
  umockdev_testbed_remove_device(testbed.get(), "/sys/devices/pci0000:00/usb1/1-1");
  BOOST_TEST(event());
  BOOST_TEST(watched->present().empty());
}

BOOST_AUTO_TEST_SUITE_END()
