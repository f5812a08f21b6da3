// SPDX-License-Identifier: Apache-2.0
// The rules as udev itself takes them (`udevadm verify` comes with systemd 254): udevadm reads all
// that is installed, and applies it to tokens that umockdev shows it.
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <fstream>
#include <regex>

#include "devices/usb/known_tokens.h"
#include "tests/packages/built_packages.h"

using namespace countersign::test;
using namespace countersign::devices::usb;

namespace {

constexpr const char* hidraw =
    "/sys/devices/pci0000:00/usb1/1-1/1-1:1.1/0003:AAAA:BBBB.0001/hidraw/hidraw0";
constexpr const char* usb = "/sys/devices/pci0000:00/usb1/1-1";

struct Machine {
  TemporaryFolder folder;
  BareRoot root{BareRoot::First::idle, {"/dev/char", "/etc/udev/rules.d"}};

  explicit Machine() {
    root.put(COUNTERSIGN_UDEV_RULES, "/etc/udev/rules.d/70-countersign.rules");
    root.put(COUNTERSIGN_SOURCE_DIR "/daemon/systemd/countersign.sysusers",
             "/run/countersign.conf");
    (void)root.sh("systemd-sysusers /run/countersign.conf");
  }

  // What udev says and decides when a token with these ids is plugged in.
  [[nodiscard]] std::string plugged(std::uint16_t vendor, std::uint16_t product,
                                    const std::string& device) const {
    write_file(
        folder / "device",
        fmt::format(
            "P: /devices/pci0000:00/usb1/1-1\nN: bus/usb/001/002\nE: DEVTYPE=usb_device\nE: "
            "SUBSYSTEM=usb\nE: DEVNAME=/dev/bus/usb/001/002\nE: MAJOR=189\n"
            "E: MINOR=1\nA: idVendor={:04x}\nA: idProduct={:04x}\n\n"
            "P: /devices/pci0000:00/usb1/1-1/1-1:1.1\nE: DEVTYPE=usb_interface\nE: "
            "SUBSYSTEM=usb\n\n"
            "P: /devices/pci0000:00/usb1/1-1/1-1:1.1/0003:AAAA:BBBB.0001\nE: SUBSYSTEM=hid\n\n"
            "P: /devices/pci0000:00/usb1/1-1/1-1:1.1/0003:AAAA:BBBB.0001/hidraw/hidraw0\nN: "
            "hidraw0\nE: SUBSYSTEM=hidraw\n"
            "E: DEVNAME=/dev/hidraw0\nE: MAJOR=240\nE: MINOR=0\n\n",
            vendor, product));
    root.put(folder / "device", "/tmp/device");
    (void)root.sh("rm -rf /run/udev");  // what it remembers of the one before
    const Ran ran = root.run(
        {"umockdev-run", "-d", "/tmp/device", "--", "udevadm", "test", "--action=add", device});
    return ran.out + ran.err;
  }
};

// The lines that are about our file.
std::string about_ours(const std::string& output) {
  std::istringstream lines(output);
  std::string ours;
  for (std::string line; std::getline(lines, line);)
    if (line.contains("70-countersign.rules") && !line.contains("GROUP ") &&
        !line.contains("MODE ") && !line.starts_with("Reading rules file"))
      ours += line + "\n";
  return ours;
}

bool given(const std::string& output, const std::string& group) {
  return output.contains("70-countersign.rules") &&
         std::regex_search(output, std::regex("GROUP " + group + "\n")) &&
         output.contains("MODE 0660\n") && output.contains("\nID_SECURITY_TOKEN=1\n") &&
         std::regex_search(output, std::regex("\nCURRENT_TAGS=.*:uaccess:")) &&
         output.contains("run: 'uaccess'");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules_in_udev)

BOOST_AUTO_TEST_CASE(udev_takes_them_and_gives_tokens_to_the_seat_and_to_the_reader) {
  const Machine machine;
  std::string group = machine.root.sh("getent group countersign-reader | cut -d: -f3");
  group.pop_back();
  const std::string yubikey = machine.plugged(0x1050, 0x0407, hidraw);
  BOOST_TEST(yubikey.contains("Reading rules file: /etc/udev/rules.d/70-countersign.rules"),
             yubikey);
  BOOST_TEST(about_ours(yubikey).empty(), about_ours(yubikey));
  BOOST_TEST(given(yubikey, group), yubikey);
  BOOST_TEST(given(machine.plugged(0x1050, 0x0407, usb), group));  // its slots
  for (const auto& [vendor, product] : {std::pair(0x20a0, 0x42b2),
                                        {0x349e, 0x0020},
                                        {0x2c97, 0x4011},
                                        {0x534c, 0x0001},
                                        {0x1d50, 0x60fc}})
    BOOST_TEST(given(machine.plugged(static_cast<std::uint16_t>(vendor),
                                     static_cast<std::uint16_t>(product), hidraw),
                     group));
  const std::string mouse = machine.plugged(0x046d, 0xc077, hidraw);
  BOOST_TEST(!mouse.contains("GROUP " + group), mouse);
  BOOST_TEST(!mouse.contains("run: 'uaccess'"), mouse);
}

BOOST_AUTO_TEST_CASE(udev_would_have_said_what_is_wrong) {
  const Machine machine;
  (void)machine.root.sh(
      "printf 'SUBSYSTEM==\"hidraw\", GRUOP=\"x\"\\nSUBSYSTEM==\"hidraw\", "
      "GROUP=\"nobody-knows\"\\n' >>/etc/udev/rules.d/70-countersign.rules");
  const std::string wrong = about_ours(machine.plugged(0x1050, 0x0407, hidraw));
  BOOST_TEST(wrong.contains("GRUOP"), wrong);
  BOOST_TEST(wrong.contains("nobody-knows"), wrong);
}

// Debian's own rules for YubiKeys (libyubikey-udev, of ykpers).
BOOST_AUTO_TEST_CASE(what_ykpers_knows_is_known) {
  const std::string rules = content_of("/usr/lib/udev/rules.d/69-yubikey.rules");
  std::smatch products;
  BOOST_REQUIRE(std::regex_search(
      rules, products,
      std::regex(R"re(\{idVendor\}=="1050", ATTRS\{idProduct\}=="([0-9a-f|]+)")re")));
  std::istringstream ids(products[1]);
  int seen = 0;
  for (std::string id; std::getline(ids, id, '|'); ++seen) {
    const KnownToken* known =
        find_known(0x1050, static_cast<std::uint16_t>(std::stoul(id, nullptr, 16)));
    BOOST_TEST((known != nullptr && (known->interfaces & otp) != 0), id);
  }
  BOOST_TEST(seen >= 10);
}

// What libfido2 lists (its udev/fidodevs): the ids alone.
BOOST_AUTO_TEST_CASE(what_libfido2_knows_is_known) {
  std::ifstream file(COUNTERSIGN_TEST_DATA "/known_ids/libfido2");
  int seen = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    ++seen;
    const auto number = [&](std::size_t at) {
      return static_cast<std::uint16_t>(std::stoul(line.substr(at, 4), nullptr, 16));
    };
    BOOST_TEST(find_known(number(0), number(5)) != nullptr, line);
  }
  BOOST_TEST(seen >= 80);
}

BOOST_AUTO_TEST_SUITE_END()
