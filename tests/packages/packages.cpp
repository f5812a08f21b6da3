// SPDX-License-Identifier: Apache-2.0
// The packages as IT meets them: built, installed on a bare root, used, upgraded, removed, purged.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>

#include "tests/packages/built_packages.h"

using namespace countersign::test;

namespace {

const TemporaryFolder folder;

const std::vector<std::string>& packages() {
  static const std::vector<std::string> built = build_packages(folder);
  return built;
}

bool has_name(const std::vector<std::string>& files, const std::string& name) {
  return std::ranges::any_of(files, [&](const std::string& file) {
    return std::filesystem::path(file).filename().string().starts_with(name + "_");
  });
}

// The daemon as the unit has it, without systemd: its user, its socket handed over, the root key as
// a credential with an access list.
class Service {
 public:
  explicit Service(const BareRoot& root) : root_(root) {
    (void)root.sh(
        "mkdir -p /run/credential && cp /etc/countersign/root.key /run/credential/root-key && "
        "chown countersign /run/credential /run/credential/root-key && "
        "chmod 400 /run/credential/root-key && rm -f /run/countersign/api.sock");
    running_ =
        root.start({"systemd-socket-activate", "-l", "/run/countersign/api.sock", "-E",
                    "CREDENTIALS_DIRECTORY=/run/credential", "setpriv", "--reuid=countersign",
                    "--regid=countersign", "--clear-groups", "--no-new-privs", "--inh-caps=-all",
                    "--bounding-set=-all", "/usr/sbin/countersignd"},
                   folder / "service");
    (void)root.sh(
        "for i in $(seq 500); do [ -S /run/countersign/api.sock ] && exit 0; sleep 0.02; done; "
        "exit 1");
  }
  ~Service() {
    (void)root_.run(
        {"sh", "-c", "pkill -x countersignd; while pgrep -x countersignd; do sleep 0.02; done"});
  }

 private:
  const BareRoot& root_;
  std::unique_ptr<Running> running_;
};

std::string hotp_at(int counter) {
  std::string code = tool({"oathtool", "--hotp", "-c", std::to_string(counter),
                           "3132333435363738393031323334353637383930"});
  code.pop_back();
  return code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(packages_of_debian)

BOOST_AUTO_TEST_CASE(each_package_is_built_and_lintian_has_no_error) {
  BOOST_TEST(has_name(packages(), "countersign"));
  BOOST_TEST(has_name(packages(), "countersign-virtual"));
  std::vector<std::string> words = {"lintian", "--allow-root", "--fail-on", "error",
                                    "--no-tag-display-limit"};
  words.insert(words.end(), packages().begin(), packages().end());
  const Ran lintian = run(words, {}, 300);
  BOOST_TEST(lintian.exit_code == 0, lintian.out << lintian.err);
  BOOST_TEST_MESSAGE(lintian.out);
}

BOOST_AUTO_TEST_CASE(install_use_remove_come_back_purge) {
  const auto root = bare_root();
  const std::string accounts = "cat /etc/passwd /etc/group /etc/shadow /etc/gshadow | sort";
  const std::string before = root->sh(accounts);
  install(*root, packages(), {"countersign", "countersign-virtual"});

  // What stands where, and whose it is.
  BOOST_TEST(root->sh("stat -c '%U:%G %a %s' /etc/countersign/root.key") == "root:root 600 32\n");
  BOOST_TEST(
      root->sh(
          "stat -c '%U:%G %a' /var/lib/countersign /run/countersign /run/countersign-reader") ==
      "countersign:countersign 700\nroot:root 755\nroot:root 755\n");
  BOOST_TEST(root->sh("id -nG countersign; id -nG countersign-reader; getent group "
                      "countersign-admin | cut -d: -f1") ==
             "countersign\ncountersign-reader\ncountersign-admin\n");
  for (const std::string user : {"countersign", "countersign-reader"})
    BOOST_TEST(root->sh("getent passwd " + user + " | cut -d: -f7") == "/usr/sbin/nologin\n");
  for (const std::string file :
       {"/usr/lib/udev/rules.d/70-countersign.rules",
        "/usr/lib/systemd/system/countersignd.service", "/usr/share/man/man1/countersign.1.gz",
        "/usr/share/bash-completion/completions/countersign",
        "/usr/share/doc/countersign/examples/network.conf"})
    BOOST_TEST(root->run({"test", "-s", file}).exit_code == 0, file);
  BOOST_TEST(root->sh("dpkg -V countersign countersign-virtual").empty());
  BOOST_TEST(root->sh("find /etc/systemd/system -name 'countersign*' | sort") ==
             "/etc/systemd/system/multi-user.target.wants/countersignd.service\n/etc/systemd/"
             "system/sockets.target.wants/countersign-reader.socket\n"
             "/etc/systemd/system/sockets.target.wants/countersignd.socket\n");

  // In use.
  const std::string key = root->sh("sha256sum /etc/countersign/root.key");
  {
    const Service service(*root);
    (void)root->sh(
        "countersign user add alice && printf "
        "'serial,secret_hex,type,user\\nA1,3132333435363738393031323334353637383930,hotp,alice\\n' "
        ">/tmp/tokens.csv && "
        "countersign import csv /tmp/tokens.csv");
    BOOST_TEST(
        root->run({"countersign", "verify", "--user", "alice", "--code", hotp_at(0)}).exit_code ==
        0);
    BOOST_TEST(
        root->run({"countersign", "verify", "--user", "alice", "--code", hotp_at(0)}).exit_code ==
        1);
    BOOST_TEST(root->sh("stat -c %U /var/lib/countersign/store/store.db") == "countersign\n");
    BOOST_TEST(root->run({"test", "-e", "/var/lib/countersign/store.key"}).exit_code ==
               1);  // the credential is the root key
    BOOST_TEST(root->sh("grep -E 'Uid|CapEff|NoNewPrivs' /proc/$(pgrep -x countersignd)/status | "
                        "tr -s '\\t\\n' ' '")
                   .ends_with("CapEff: 0000000000000000 NoNewPrivs: 1 "));
  }

  // Removed, with what is people's kept; and back again.
  (void)root->sh(
      "echo 'issuer = \"Kept\"' >>/etc/countersign/countersign.toml && dpkg -r countersign-virtual "
      "countersign");
  BOOST_TEST(root->run({"sh", "-c", "command -v countersign countersignd"}).exit_code != 0);
  BOOST_TEST(root->sh("sha256sum /etc/countersign/root.key") == key);
  BOOST_TEST(root->run({"test", "-s", "/var/lib/countersign/store/store.db"}).exit_code == 0);
  install(*root, packages(), {"countersign"});
  BOOST_TEST(root->sh("sha256sum /etc/countersign/root.key") == key);
  BOOST_TEST(root->sh("tail -n 1 /etc/countersign/countersign.toml") == "issuer = \"Kept\"\n");
  {
    const Service service(*root);
    BOOST_TEST(
        root->run({"countersign", "verify", "--user", "alice", "--code", hotp_at(0)}).exit_code ==
        1);
    BOOST_TEST(
        root->run({"countersign", "verify", "--user", "alice", "--code", hotp_at(1)}).exit_code ==
        0);
  }

  // Purged: nothing is left.
  (void)root->sh("dpkg --purge countersign-virtual countersign; rm -rf /tmp/*");
  BOOST_TEST(root->sh(accounts) == before);
  for (const std::string& path : left_over(*root)) BOOST_ERROR("left over: " << path);
}

BOOST_AUTO_TEST_CASE(an_upgrade_takes_the_store_along) {
  const auto root = bare_root();
  install(*root, packages(), {"countersign"});
  // A store that was made when the schema had its first version.
  root->put(COUNTERSIGN_TEST_DATA "/store-schema-1/.", "/var/lib/countersign");
  (void)root->sh(
      "chown -R countersign:countersign /var/lib/countersign && chmod 700 "
      "/var/lib/countersign/store && chmod 600 /var/lib/countersign/store/* "
      "/var/lib/countersign/store.epoch && "
      "mv /var/lib/countersign/root.key /etc/countersign/root.key && chown root:root "
      "/etc/countersign/root.key && chmod 600 /etc/countersign/root.key && "
      "echo 'issuer = \"Kept\"' >>/etc/countersign/countersign.toml");
  const std::string key = root->sh("sha256sum /etc/countersign/root.key");
  install(*root, build_packages(folder, "0.1.1"), {"countersign"});
  BOOST_TEST(root->sh("dpkg-query -W -f '${Version}' countersign") == "0.1.1-1");
  BOOST_TEST(root->sh("sha256sum /etc/countersign/root.key") == key);
  BOOST_TEST(root->sh("tail -n 1 /etc/countersign/countersign.toml") == "issuer = \"Kept\"\n");
  const Service service(*root);
  const Ran used = root->run({"countersign", "verify", "--user", "alice", "--code", hotp_at(0)});
  BOOST_TEST(used.exit_code == 1, used.out << used.err);  // it was used before the upgrade
  const Ran next = root->run({"countersign", "verify", "--user", "alice", "--code", hotp_at(1)});
  BOOST_TEST(next.exit_code == 0, next.out << next.err);
  const Ran record = root->run({"countersign", "audit", "verify"});
  BOOST_TEST(record.exit_code == 0, record.out << record.err);
}

BOOST_AUTO_TEST_SUITE_END()
