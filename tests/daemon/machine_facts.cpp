// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/machine_facts.h"

#include <sys/stat.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "core/machine/match.h"
#include "daemon/host/machine_key.h"
#include "tests/daemon/machine_tree.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using machine::Component;
using machine::Outcome;

namespace {

struct Machine {
  explicit Machine(const std::string& name) {
    test::unpack_machine(std::string(COUNTERSIGN_TEST_DATA) + "/machines/" + name + ".tree",
                         folder.path());
  }
  [[nodiscard]] machine::Facts facts() const { return collect_machine_facts(folder.path()); }
  [[nodiscard]] machine::Fingerprint fingerprint() const {
    return machine::fingerprint(facts(), Secret("one site's salt"));
  }
  void set(const std::string& path, const std::string& content) const {
    std::filesystem::remove(folder / path);
    test::set_machine_file(folder.path(), path, content);
  }
  test::TemporaryFolder folder;
};

std::vector<std::string> values(const machine::Facts& facts, Component component) {
  std::vector<std::string> all;
  for (const machine::Fact& fact : facts.facts)
    if (fact.component == component) all.push_back(fact.value);
  return all;
}

using Texts = std::vector<std::string>;

constexpr const char* laptop_disk =
    "sys/devices/pci0000:00/0000:00:1d.0/0000:3c:00.0/nvme/nvme0/serial";
constexpr const char* laptop_nic = "sys/devices/pci0000:00/0000:00:1f.6/net/enp0s31f6/address";
constexpr const char* laptop_wifi =
    "sys/devices/pci0000:00/0000:00:1d.2/0000:3d:00.0/ieee80211/phy0/macaddress";

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_facts)

BOOST_AUTO_TEST_CASE(a_laptop_through_volumes_and_encryption_down_to_its_disk) {
  const machine::Facts facts = Machine("laptop").facts();
  BOOST_TEST(!facts.virtual_machine);
  BOOST_TEST((values(facts, Component::machine_id) == Texts{"9f1c5f7b0e6d4a2c8a55d2f0c1b2a3d4"}));
  BOOST_TEST(
      (values(facts, Component::product_uuid) == Texts{"4c4c4544-0042-4a10-8056-b7c04f4e3732"}));
  BOOST_TEST((values(facts, Component::board_serial) == Texts{"l1hf85n00a7"}));
  BOOST_TEST(
      (values(facts, Component::cpu_model) == Texts{"Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz"}));
  BOOST_TEST((values(facts, Component::root_disk) == Texts{"s3x9nf0k904523"}));
  // Wi-Fi's own address, not the random one; nothing of the dock.
  BOOST_TEST((values(facts, Component::mac) == Texts{"54:e1:ad:9c:01:02", "94:b8:6d:11:22:33"}));
  BOOST_TEST((values(facts, Component::hostname) == Texts{"front-desk"}));
}

BOOST_AUTO_TEST_CASE(fillers_leave_a_white_box_with_what_is_its_own) {
  const Machine box("white-box");
  BOOST_TEST((values(box.facts(), Component::root_disk) == Texts{"wd-wcc6y7kl2n50"}));
  BOOST_TEST((values(box.facts(), Component::mac) == Texts{"70:85:c2:a0:b1:c2"}));
  for (const machine::Mark& mark : box.fingerprint().marks)
    BOOST_TEST(
        (mark.component != Component::product_uuid && mark.component != Component::board_serial));
  BOOST_TEST(
      machine::compare(box.fingerprint(), box.fingerprint()).recognized);  // 60 points are enough
}

BOOST_AUTO_TEST_CASE(a_virtual_machine_a_board_computer_and_a_server) {
  const machine::Facts guest = Machine("kvm-guest").facts();
  BOOST_TEST(guest.virtual_machine);
  BOOST_TEST(values(guest, Component::root_disk).empty());
  BOOST_TEST((values(guest, Component::mac) == Texts{"52:54:00:6b:3c:58"}));
  const machine::Facts board = Machine("board-computer").facts();
  BOOST_TEST((values(board, Component::board_serial) == Texts{"10000000a1b2c3d4"}));
  BOOST_TEST((values(board, Component::root_disk) == Texts{"0x5f1c22ab"}));
  BOOST_TEST((values(board, Component::cpu_model) == Texts{"BCM2835"}));
  const machine::Facts server = Machine("raid-server").facts();
  BOOST_TEST((values(server, Component::root_disk) == Texts{"za1bk2c3", "za1bk9d8"}));
  BOOST_TEST((values(server, Component::mac) == Texts{"b0:26:28:d0:11:20", "b0:26:28:d0:11:21"}));
}

BOOST_AUTO_TEST_CASE(a_container_knows_too_little) {
  const Machine container("container");
  BOOST_TEST((machine::compare(container.fingerprint(), container.fingerprint()).outcome ==
              Outcome::too_little));
}

BOOST_AUTO_TEST_CASE(whoever_is_not_root_is_told_what_only_root_may_read) {
  const Machine laptop("laptop");
  std::filesystem::permissions(laptop.folder.path(), std::filesystem::perms::all);
  const bool root = geteuid() == 0;
  if (root) BOOST_REQUIRE(seteuid(65534) == 0);
  const machine::Facts facts = laptop.facts();
  if (root) BOOST_REQUIRE(seteuid(0) == 0);
  if (root)
    BOOST_TEST((facts.unreadable == std::vector{Component::product_uuid, Component::board_serial}));
  else
    BOOST_TEST(facts.unreadable.empty());  // the folder's owner is not root, either
  BOOST_TEST((values(facts, Component::root_disk) == Texts{"s3x9nf0k904523"}));
}

BOOST_AUTO_TEST_CASE(an_empty_folder_is_no_machine_and_no_failure) {
  const test::TemporaryFolder empty;
  BOOST_TEST((collect_machine_facts(empty.path()) == machine::Facts{}));
}

BOOST_AUTO_TEST_CASE(this_machine_is_read_without_trouble) {
  BOOST_TEST((collect_machine_facts() == collect_machine_facts()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(machines_over_time)

BOOST_AUTO_TEST_CASE(a_replaced_nic_disk_system_or_name) {
  const machine::Fingerprint before = Machine("laptop").fingerprint();
  const struct {
    const char* path;
    const char* content;
    Outcome outcome;
  } cases[] = {{laptop_nic, "00:1b:21:00:00:07\n", Outcome::replaced_nic},
               {laptop_disk, "S9ZZNX0R000001\n", Outcome::replaced_disk},
               {"etc/machine-id", "00112233445566778899aabbccddeef0\n", Outcome::reinstalled_os},
               {"etc/hostname", "back-office\n", Outcome::changed_hostname}};
  for (const auto& row : cases) {
    const Machine now("laptop");
    now.set(row.path, row.content);
    const machine::Match match = machine::compare(before, now.fingerprint());
    BOOST_TEST_CONTEXT(describe(match)) {
      BOOST_TEST(match.recognized);
      BOOST_TEST((match.outcome == row.outcome));
    }
  }
}

BOOST_AUTO_TEST_CASE(T36_its_disk_image_on_the_next_laptop_of_the_same_model) {
  const Machine twin("laptop");
  twin.set("sys/class/dmi/id/product_uuid", "4c4c4544-0042-4a10-8056-b7c04f4e3733\n");
  twin.set("sys/class/dmi/id/board_serial", "L1HF85N00A8\n");
  twin.set(laptop_disk, "S3X9NF0K904524\n");
  twin.set(laptop_nic, "54:e1:ad:9c:01:03\n");
  twin.set(laptop_wifi, "94:b8:6d:11:22:34\n");
  const machine::Match match =
      machine::compare(Machine("laptop").fingerprint(), twin.fingerprint());
  BOOST_TEST(!match.recognized);
  BOOST_TEST((match.outcome == Outcome::copied_disk_image));
}

BOOST_AUTO_TEST_CASE(T36_a_clone_of_a_virtual_machine) {
  const Machine clone("kvm-guest");
  clone.set("sys/class/dmi/id/product_uuid", "b1f0c9d2-7c1e-4a1b-9a51-0e60c07f1a56\n");
  const machine::Match match = machine::compare(Machine("kvm-guest").fingerprint(),
                                                clone.fingerprint());  // the same address, even
  BOOST_TEST(!match.recognized);
  BOOST_TEST((match.outcome == Outcome::cloned_vm));
}

BOOST_AUTO_TEST_CASE(T36_the_key_file_on_other_hardware) {
  const machine::Match match =
      machine::compare(Machine("laptop").fingerprint(), Machine("raid-server").fingerprint());
  BOOST_TEST(!match.recognized);
  BOOST_TEST((match.outcome == Outcome::copied_key));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(machine_key)

BOOST_AUTO_TEST_CASE(it_is_made_once_and_is_nobody_elses_to_read) {
  const test::TemporaryFolder folder;
  const auto first = load_or_make_machine_key(folder / "machine.key");
  BOOST_REQUIRE(first.has_value());
  struct stat about{};
  BOOST_REQUIRE(stat((folder / "machine.key").c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777) == 0600);
  const auto second = load_or_make_machine_key(folder / "machine.key");
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST((second->spki() == first->spki()));
}

BOOST_AUTO_TEST_CASE(T20_a_key_file_that_others_may_read_or_that_is_none_is_refused) {
  const test::TemporaryFolder folder;
  BOOST_REQUIRE(load_or_make_machine_key(folder / "machine.key").has_value());
  std::filesystem::permissions(folder / "machine.key", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto open = load_or_make_machine_key(folder / "machine.key");
  BOOST_REQUIRE(!open.has_value());
  BOOST_TEST((open.error().code == Code::not_permitted));
  std::ofstream(folder / "other.key") << "not a key";
  std::filesystem::permissions(folder / "other.key", std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_write);
  const auto corrupt = load_or_make_machine_key(folder / "other.key");
  BOOST_REQUIRE(!corrupt.has_value());
  BOOST_TEST((corrupt.error().code == Code::corrupt));
}

BOOST_AUTO_TEST_SUITE_END()
