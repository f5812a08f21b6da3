// SPDX-License-Identifier: Apache-2.0
// The installed services under systemd itself: started by the packages, by a socket, again when
// they hang; and what they may not, tried from inside of the very units by probe.py.
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "tests/packages/built_packages.h"

using namespace countersign::test;

namespace {

// One machine for all cases, which leave it as they found it; the last one removes the packages.
struct Installed {
  BareRoot* root = nullptr;
  Installed() {
    static const TemporaryFolder folder;
    static const std::unique_ptr<BareRoot> machine = [] {
      auto made = bare_root(BareRoot::First::systemd);
      install(*made, build_packages(folder), {"countersign"});
      return made;
    }();
    root = machine.get();
  }

  std::string property(const std::string& unit, const std::string& name) const {
    std::string value = root->sh("systemctl show --property=" + name + " --value " + unit);
    value.pop_back();
    return value;
  }
  // What probe.py says inside of a unit that differs from this one by its program alone.
  Json probe(const std::string& unit) const {
    root->put(COUNTERSIGN_SOURCE_DIR "/tests/packages/probe.py", "/usr/libexec/probe.py");
    (void)root->sh(
        "sed -e '/^Type=/d; /^ExecStart=/d; /^Restart/d; /^WatchdogSec/d; /^Requires/d; /^After/d; "
        "/^Wants/d' -e '/^.Service.$/a Type=oneshot\\nStandardOutput=file:/run/probe.json\\n"
        "ExecStart=/usr/bin/python3 -I /usr/libexec/probe.py' /usr/lib/systemd/system/" +
        unit + ".service >/run/systemd/system/probe-" + unit +
        ".service && "
        "rm -f /run/probe.json && systemctl daemon-reload && systemctl start probe-" +
        unit + ".service");
    return object_in(root->sh("cat /run/probe.json"));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(services_under_systemd, Installed)

BOOST_AUTO_TEST_CASE(installed_they_serve) {
  BOOST_TEST(property("countersignd.service", "ActiveState") == "active");
  BOOST_TEST(property("countersign-reader.service", "ActiveState") ==
             "inactive");  // until a token is asked for
  (void)root->sh("countersign user add alice && countersign enroll backup-codes --user alice");
  BOOST_TEST(root->sh("countersign device list").starts_with("No token"));
  BOOST_TEST(property("countersign-reader.service", "ActiveState") == "active");
  BOOST_TEST(root->sh("stat -c '%U %a' /var/lib/countersign/store") == "countersign 700\n");
  BOOST_TEST(root->run({"test", "-e", "/var/lib/countersign/store.key"}).exit_code ==
             1);  // the credential is the root key
  BOOST_TEST(
      root->sh("countersign doctor || true").contains("answers at /run/countersign/api.sock"));
}

BOOST_AUTO_TEST_CASE(a_call_starts_the_daemon) {
  (void)root->sh("systemctl stop countersignd.service 2>/dev/null");
  BOOST_TEST(property("countersignd.service", "ActiveState") == "inactive");
  (void)root->sh("countersign status");
  BOOST_TEST(property("countersignd.service", "ActiveState") == "active");
}

BOOST_AUTO_TEST_CASE(one_that_hangs_is_started_again) {
  (void)root->sh(
      "mkdir -p /run/systemd/system/countersignd.service.d && printf "
      "'[Service]\\nWatchdogSec=1\\nRestartSec=0\\n' "
      ">/run/systemd/system/countersignd.service.d/soon.conf && "
      "systemctl daemon-reload && systemctl restart countersignd.service && countersign user add "
      "bob");
  const std::string before = property("countersignd.service", "MainPID");
  (void)root->sh("kill -STOP " + before +
                 " && for i in $(seq 300); do [ $(systemctl show --property=NRestarts --value "
                 "countersignd.service) -gt 0 ] && "
                 "systemctl is-active -q countersignd.service && exit 0; sleep 0.1; done; exit 1");
  BOOST_TEST(property("countersignd.service", "MainPID") != before);
  BOOST_TEST(root->sh("countersign user list").contains("bob"));
}

BOOST_AUTO_TEST_CASE(what_is_forbidden_is_denied) {
  for (const std::string unit : {"countersignd", "countersign-reader"})
    for (const auto& [what, result] : probe(unit))
      BOOST_TEST(result.as_string() == "denied", unit << ": " << what << ": " << result);
}

// The probe itself can tell: without the unit's walls the same tries succeed.
BOOST_AUTO_TEST_CASE(the_probe_is_no_blind_one) {
  root->put(COUNTERSIGN_SOURCE_DIR "/tests/packages/probe.py", "/usr/libexec/probe.py");
  for (const auto& [what, result] : object_in(root->sh("python3 -I /usr/libexec/probe.py")))
    BOOST_TEST(result.as_string() == "done", what << ": " << result);
}

BOOST_AUTO_TEST_CASE(removed_they_stop) {
  (void)root->sh("dpkg -r countersign");
  BOOST_TEST(root->run({"pgrep", "-x", "countersignd"}).exit_code == 1);
  BOOST_TEST(root->run({"test", "-e", "/run/countersign"}).exit_code == 1);
}

BOOST_AUTO_TEST_SUITE_END()
