// SPDX-License-Identifier: Apache-2.0
// The whole thing in a machine: the packages are installed, a security key (countersign-virtual
// attach, on the kernel's uhid) gets its node by the kernel and its access by the package's rules,
// and people log in at the console.
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include "tests/vm/guest.h"

using namespace countersign::test;
using boost::unit_test::depends_on;

namespace {

// One machine for all cases, which tell one story.
struct Machine {
  static Guest& guest() {
    static const TemporaryFolder folder;
    static std::unique_ptr<Guest> machine;
    static bool tried = false;
    if (std::exchange(tried, true) && machine == nullptr)
      throw std::runtime_error("it did not boot");
    if (machine == nullptr) machine = std::make_unique<Guest>(build_packages(folder));
    return *machine;
  }

  Guest& machine = guest();

  void plug() {
    (void)machine.sh(
        "systemd-run --quiet --unit=key countersign-virtual attach --profile no-pin --state "
        "/var/lib/key --control /run/key --touch manual && "
        "udevadm wait --settle --timeout=60 /dev/hidraw0");
  }
  void touch(const std::string& how) {
    (void)machine.sh("countersign-virtual control --control /run/key " + how);
  }
  // Within half a minute.
  bool listed(const std::function<bool(const std::string&)>& as) {
    for (int i = 0; i < 30; ++i)
      if (as(machine.sh("countersign device list --json")))
        return true;
      else
        (void)machine.sh("sleep 1");
    return false;
  }
  // The login prompt of a terminal that nobody uses.
  void at_the_console() {
    machine.clear();
    (void)machine.sh("systemctl restart getty@tty1.service");
    (void)machine.shows({"login:"});
  }
  void password(const std::string& user, const std::string& typed) {
    machine.type(user + "\\n");
    (void)machine.shows({"Password:"});
    machine.type(typed + "\\n");
  }
  void alice_at_the_second_prompt() {
    at_the_console();
    password("alice", "of alice");
    (void)machine.shows({"Code, or press Enter and touch your key:"});
  }
  std::string sessions_of(const std::string& user) {
    return machine.sh("loginctl list-sessions --no-legend | awk '$3 == \"" + user +
                      "\" {print $4, $5}'");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_machine, Machine)

BOOST_AUTO_TEST_CASE(the_packages_install_and_serve) {
  // Software tokens count on demo stores alone: the unit differs by that word.
  (void)machine.sh(
      "mkdir /etc/systemd/system/countersignd.service.d && printf '[Service]\\nExecStart=\\n%s "
      "--demo\\n' "
      "\"$(dpkg-deb --fsys-tarfile /run/share/countersign_*.deb | tar -xO "
      "./usr/lib/systemd/system/countersignd.service | grep '^ExecStart=')\" "
      ">/etc/systemd/system/countersignd.service.d/demo.conf");
  (void)machine.sh(
      "mkdir -p /etc/countersign/countersign.toml.d && printf '[tokens]\\non_remove = "
      "\"lock-session\"\\n' >/etc/countersign/countersign.toml.d/lock.toml");
  (void)machine.sh("dpkg --force-unsafe-io -i /run/share/*.deb");
  BOOST_TEST(machine.sh("systemctl is-active countersignd.service countersignd.socket "
                        "countersign-reader.socket") == "active\nactive\nactive\n");
  BOOST_TEST(machine.sh("countersign device list").starts_with("No token"));
  BOOST_TEST(machine.sh("for name in countersignd countersign-reader; do ps -o user:20= -C $name | "
                        "sort -u; done") == "countersign\ncountersign-reader\n");
}

BOOST_AUTO_TEST_CASE(a_key_is_given_to_the_reader_by_the_rules,
                     *depends_on("a_machine/the_packages_install_and_serve")) {
  (void)machine.sh(
      "modprobe uhid && useradd --create-home --shell /bin/bash alice && printf 'alice:of "
      "alice\\nroot:of root\\n' | chpasswd");
  plug();
  BOOST_TEST(machine.sh("stat -c '%U:%G %a' /dev/hidraw0") == "root:countersign-reader 660\n");
  const std::string properties = machine.sh("udevadm info --query=property /dev/hidraw0");
  for (const std::string line : {"ID_FIDO_TOKEN=1\n", "ID_SECURITY_TOKEN=1\n", ":uaccess:"})
    BOOST_TEST(properties.contains(line), line << " is not in " << properties);
  BOOST_TEST(machine.sh("fido2-token -L").contains("/dev/hidraw0"));  // Debian's libfido2
  BOOST_TEST(machine.sh("fido2-token -I /dev/hidraw0").contains("636f756e746572736967"));
  BOOST_TEST(listed([](const std::string& list) {
    return list.contains("\"hidraw0\"") && !list.contains("\"permission\"");
  }));
  BOOST_TEST(machine.run("setpriv --reuid alice --regid alice --clear-groups test -r /dev/hidraw0")
                 .exit_code == 1);  // nobody sits here yet
}

// A busy udevd takes its time: here it takes none before it is told to.
BOOST_AUTO_TEST_CASE(access_that_comes_late_is_noticed,
                     *depends_on("a_machine/a_key_is_given_to_the_reader_by_the_rules")) {
  (void)machine.sh("udevadm control --stop-exec-queue");
  touch("power-cycle");  // pulled out and plugged in again: another device of the kernel's
  BOOST_TEST(listed([](const std::string& list) { return list.contains("\"permission\""); }));
  (void)machine.sh(
      "sleep 2; udevadm control --start-exec-queue");  // after the reader has looked twice
  BOOST_TEST(listed([](const std::string& list) {
    return list.contains("\"hidraw0\"") && !list.contains("\"permission\"");
  }));
  BOOST_TEST(machine.sh("stat -c '%U:%G %a' /dev/hidraw0; fido2-token -L")
                 .starts_with("root:countersign-reader 660\n/dev/hidraw0"));
}

BOOST_AUTO_TEST_CASE(root_enrols_at_the_console,
                     *depends_on("a_machine/access_that_comes_late_is_noticed")) {
  (void)machine.sh("countersign user add alice --login alice");
  at_the_console();
  password("root", "of root");
  (void)machine.shows({"# "});
  machine.clear();
  machine.type("countersign enroll fido2 --user alice; exit\\n");
  (void)machine.shows({"Touch"});
  touch("touch");
  (void)machine.shows({"login:"});
  BOOST_TEST(machine.sh("countersign authenticator list --user alice").contains("fido2"));
  (void)machine.sh(
      "countersign policy set staff --mode required --yes --force && pam-auth-update --enable "
      "countersign");
}

BOOST_AUTO_TEST_CASE(who_does_not_touch_does_not_get_in,
                     *depends_on("a_machine/root_enrols_at_the_console")) {
  alice_at_the_second_prompt();
  machine.type("\\n");
  (void)machine.shows({"Touch"});
  BOOST_TEST(sessions_of("alice").empty());
  touch("deny");
  (void)machine.shows({"Login incorrect"});
  BOOST_TEST(sessions_of("alice").empty());
}

BOOST_AUTO_TEST_CASE(who_touches_gets_in_and_has_the_key,
                     *depends_on("a_machine/who_does_not_touch_does_not_get_in")) {
  alice_at_the_second_prompt();
  machine.type("\\n");
  (void)machine.shows({"Touch"});
  touch("touch");
  (void)machine.shows({"$ "});
  BOOST_TEST(sessions_of("alice") == "seat0 tty1\n");
  BOOST_TEST(machine
                 .sh("setpriv --reuid alice --regid alice --clear-groups sh -c 'test -w "
                     "/dev/hidraw0 && fido2-token -L'")
                 .contains("/dev/hidraw0"));
  BOOST_TEST(machine.sh("countersign audit list").contains("alice"));
}

BOOST_AUTO_TEST_CASE(the_session_is_locked_when_the_key_is_pulled_out,
                     *depends_on("a_machine/who_touches_gets_in_and_has_the_key")) {
  (void)machine.sh(
      "systemd-run --quiet --unit=watch --property=StandardOutput=file:/run/locked busctl monitor "
      "--match \"type='signal',interface='org.freedesktop.login1.Session',member='Lock'\"");
  (void)machine.sh(
      "for i in $(seq 100); do grep -q 'Monitoring bus' /run/locked && exit 0; sleep 0.1; done; "
      "exit 1");
  (void)machine.sh(
      "systemctl stop key.service && for i in $(seq 300); do grep -q 'Member=Lock' /run/locked && "
      "exit 0; sleep 0.1; done; journalctl --unit=countersignd --no-pager; exit 1");
}

BOOST_AUTO_TEST_CASE(without_the_key_nobody_gets_in,
                     *depends_on("a_machine/the_session_is_locked_when_the_key_is_pulled_out")) {
  alice_at_the_second_prompt();
  machine.type("000000\\n");
  (void)machine.shows({"Login incorrect"});
  BOOST_TEST(sessions_of("alice").empty());
  const Ran record = machine.run("countersign audit verify");
  BOOST_TEST(record.exit_code == 0, record.out);
}

BOOST_AUTO_TEST_SUITE_END()
