// SPDX-License-Identifier: Apache-2.0
// The programs that people log in with, as Debian has them, with the stacks of pam_countersign(8):
// sshd, sudo, su. As root.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <optional>

#include "tests/e2e/support/pam_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

struct Alice : PamHouse {
  Phone phone = person("alice");
  [[nodiscard]] std::string code() const { return fresh_code(daemon, phone); }
  [[nodiscard]] std::string password_and_code() const {
    return "auth requisite pam_unix.so\nauth required " + module("first=passed") +
           "\naccount required " + module() +
           "\naccount required pam_unix.so\nsession required pam_permit.so\n";
  }
};

int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  (void)close(probe);
  return bound ? ntohs(address.sin_port) : -1;
}

// sshd on loopback, for keyboard-interactive alone, or behind a public key.
class Sshd {
 public:
  explicit Sshd(const Alice& house, bool by_key = false)
      : folder_(house.folder / "ssh"), port_(std::to_string(free_port())) {
    std::filesystem::create_directory(folder_);
    (void)tool({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ + "/host"});
    write_file(
        folder_ + "/config",
        "Port " + port_ + "\nListenAddress 127.0.0.1\nHostKey " + folder_ +
            "/host\nUsePAM yes\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication yes\nStrictModes no\nPidFile none\nMaxAuthTries "
            "2\nUseDNS no\n" +
            (by_key
                 ? "AuthenticationMethods publickey,keyboard-interactive:pam\nAuthorizedKeysFile " +
                       folder_ + "/key.pub\n"
                 : "PubkeyAuthentication no\n"));
    if (by_key) (void)tool({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ + "/key"});
    (void)chmod(house.folder.path().c_str(), 0755);
    program_.emplace(
        std::vector<std::string>{"/usr/sbin/sshd", "-D", "-e", "-f", folder_ + "/config"},
        folder_ + "/log");
    if (!becomes_true([&] {
          return run({"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + port_}).exit_code == 0;
        }))
      throw std::runtime_error("sshd does not listen");
  }

  // What each prompt is answered with, by a word in it. Exit code 0: "in" was printed at the other
  // end.
  [[nodiscard]] Ran log_in(const std::string& password, const std::string& code) const {
    const std::string answers = folder_ + "/askpass";
    write_file(answers,
               "#!/bin/sh\necho \"$1\" >> " + folder_ + "/prompts\ncase $1 in *assword*) echo \"" +
                   password + "\" ;; *) echo \"" + code + "\" ;; esac\n",
               0700);
    return run({"env",
                "SSH_ASKPASS=" + answers,
                "SSH_ASKPASS_REQUIRE=force",
                "ssh",
                "-F",
                "none",
                "-p",
                port_,
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "PreferredAuthentications=publickey,keyboard-interactive",
                "-o",
                "IdentitiesOnly=yes",
                "-i",
                folder_ + "/key",
                "-o",
                "NumberOfPasswordPrompts=1",
                "alice@127.0.0.1",
                "echo in"});
  }
  [[nodiscard]] std::string prompts() const { return content_of(folder_ + "/prompts"); }

 private:
  std::string folder_, port_;
  std::optional<Running> program_;
};

// As alice, whose program sudo is called from; the password and the code are read from standard
// input.
Ran as_alice(const std::vector<std::string>& words, const std::string& typed) {
  std::vector<std::string> all = {"setpriv", "--reuid", "61001",
                                  "--regid", "61001",   "--clear-groups"};
  all.insert(all.end(), words.begin(), words.end());
  return run(all, typed);
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_AUTO_TEST_SUITE(pam_logins)

BOOST_AUTO_TEST_CASE(sshd_asks_for_the_password_and_the_code) {
  const Alice house;
  house.service("sshd", house.password_and_code());
  const Sshd sshd(house);
  const std::string code = house.code();
  const Ran in = sshd.log_in("alice's password", code);
  BOOST_TEST(in.out == "in\n", in.out << in.err << logged());
  BOOST_TEST(sshd.prompts().contains("Code: "), sshd.prompts());
  BOOST_TEST(sshd.log_in("alice's password", code).out == "");  // T01
  BOOST_TEST(sshd.log_in("another password", house.code()).out == "");
  BOOST_TEST(sshd.log_in("alice's password", "").out == "");
}

// What sshd itself says of the key. Where policy asks for nothing, the key alone lets in.
BOOST_AUTO_TEST_CASE(T51_sshd_asks_for_the_code_behind_a_public_key) {
  const Alice house;
  house.service("sshd", "auth required " + house.module("first=publickey") + "\naccount required " +
                            house.module() +
                            "\naccount required pam_unix.so\nsession required pam_unix.so\n");
  const Sshd sshd(house, true);
  const Ran in = sshd.log_in("", house.code());
  BOOST_TEST(in.out == "in\n", in.out << in.err << logged());
  BOOST_TEST(sshd.log_in("", "").out == "");
  house.policy({{"mode", "off"}});
  const Ran off = sshd.log_in("", "");
  BOOST_TEST(off.out == "in\n", off.out << off.err << logged());
  house.service("sshd", "auth required " + house.module("first=passed") +
                            "\naccount required pam_permit.so\n");
  BOOST_TEST(sshd.log_in("", "").out == "");
}

BOOST_AUTO_TEST_CASE(T46_a_key_at_the_console_lets_nobody_in_over_ssh) {
  const Alice house;
  const SoftKey key = house.plug("a", {"--profile", "no-pin"});
  (void)house.enroll(house.name_of("alice"));
  house.service("sshd", house.password_and_code());
  const Sshd sshd(house);
  BOOST_TEST(sshd.log_in("alice's password", "").out == "");
  BOOST_TEST(!sshd.prompts().contains("key"), sshd.prompts());
  BOOST_TEST(sshd.log_in("alice's password", house.code()).out == "in\n");
}

BOOST_AUTO_TEST_CASE(sudo_asks_for_the_password_and_the_code) {
  const Alice house;
  house.service("sudo", house.password_and_code());
  write_file("/etc/sudoers", "Defaults passwd_tries=1\nalice ALL=(ALL) ALL\n", 0440);
  const Ran in = as_alice({"sudo", "-S", "id", "-u"}, "alice's password\n" + house.code() + "\n");
  BOOST_TEST(in.out == "0\n", in.out << in.err << logged());
  BOOST_TEST(as_alice({"sudo", "-k", "-S", "id", "-u"},
                      "alice's password\n" + wrong_code(house.daemon, house.phone) + "\n")
                 .out == "");
  const SoftKey key = house.plug("a", {"--profile", "no-pin"});
  (void)house.enroll(house.name_of("alice"));
  const Ran touched = as_alice({"sudo", "-k", "-S", "id", "-u"}, "alice's password\n\n");
  BOOST_TEST(touched.out == "0\n", touched.out << touched.err << logged());
}

BOOST_AUTO_TEST_CASE(su_asks_for_the_other_ones_password_and_code) {
  const Alice house;
  const Phone bob = house.person("bob");
  house.service("su", house.password_and_code());
  const Ran in = as_alice({"su", "bob", "-c", "id -u"},
                          "bob's password\n" + fresh_code(house.daemon, bob) + "\n");
  BOOST_TEST(in.out.ends_with("61002\n"), in.out << in.err << logged());
  BOOST_TEST(!as_alice({"su", "bob", "-c", "id -u"}, "bob's password\n" + house.code() + "\n")
                  .out.contains("61002"));  // T26
}

BOOST_AUTO_TEST_SUITE_END()
