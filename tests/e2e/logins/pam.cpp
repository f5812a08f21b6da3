// SPDX-License-Identifier: Apache-2.0
// pam_countersign.so under pamtester, with the real daemon and software keys. As root.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/e2e/support/pam_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

struct Alice : PamHouse {
  explicit Alice(const std::string& config = {}) : PamHouse(config) { stack("required"); }
  Phone phone = person("alice");
  [[nodiscard]] std::string code() const { return fresh_code(daemon, phone) + "\n"; }
};

const std::vector<std::string> no_pin = {"--profile", "no-pin"};
const std::vector<std::string> slow = {"--profile", "no-pin", "--touch-delay",
                                       "300"};  // so that it is asked for
const PamHouse::Items remote = {{"rhost", "192.0.2.7"}};

std::string said(const Ran& ran) { return ran.out + ran.err; }

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_AUTO_TEST_SUITE(pam)

BOOST_AUTO_TEST_CASE(a_code_lets_in_once) {
  const Alice house;
  const std::string code = house.code();
  const Ran in = house.pam("alice", code);
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  BOOST_TEST(said(in).contains("Code, or press Enter and touch your key: "));
  (void)logged();
  BOOST_TEST(!house.lets_in("alice", code));  // T01
  const std::string log = logged();
  BOOST_TEST(log.starts_with("<85>"), log);  // authpriv.notice
  BOOST_TEST(log.contains("pam_countersign(test:auth): alice (test) denied: used-code"), log);
  BOOST_TEST(!house.lets_in("alice", wrong_code(house.daemon, house.phone) + "\n"));
}

BOOST_AUTO_TEST_CASE(enter_and_a_touch_let_in) {
  const Alice house;
  const SoftKey key = house.plug("a", slow);
  (void)house.enroll(house.name_of("alice"));
  const Ran in = house.pam("alice", "\n");
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  BOOST_TEST(said(in).contains("Code, or press Enter and touch your key: "), said(in));
  BOOST_TEST(said(in).contains(" for alice (test)"),
             said(in));                              // T46: the prompt names user and service
  BOOST_TEST(house.lets_in("alice", house.code()));  // the code works as well
}

BOOST_AUTO_TEST_CASE(who_has_a_key_alone_presses_enter) {
  const Alice house;
  (void)told(house.daemon, {"user", "add", "bob.person", "--login", "bob"});
  const SoftKey key = house.plug("a", slow);
  (void)house.enroll(house.name_of("bob"));
  const Ran in = house.pam("bob", "\n");
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  BOOST_TEST(!house.lets_in("alice", "\n"));  // T26
}

BOOST_AUTO_TEST_CASE(enter_and_a_yubikeys_slot_let_in) {
  const Alice house;
  const SoftKey key = house.plug("yubikey", {"--kind", "yubikey"});
  BOOST_TEST_REQUIRE(
      house.tap({"enroll", "hmac", "--user", PamHouse::name_of("alice"), "--timeout", "20"})
          .exit_code == 0);
  const Ran in = house.pam("alice", "\n");
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
}

BOOST_AUTO_TEST_CASE(enter_a_card_and_its_pin_let_in) {
  const Alice house;
  const SoftKey card = house.plug("card", {"--kind", "card"});
  (void)told(house.daemon, {"ca", "init", "--name", "Example cards"});
  const auto issued = house.tap({"device", "provision", "piv", "--user", PamHouse::name_of("alice"),
                                 "--new-pin-file", house.pin("246810")});
  BOOST_TEST_REQUIRE(issued.exit_code == 0, boost::json::serialize(issued.object));
  const Ran in = house.pam("alice", "\n246810\n");
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  BOOST_TEST(said(in).contains("PIN"));
  BOOST_TEST(!house.lets_in("alice", "\n111111\n"));
  BOOST_TEST(house.lets_in("alice", "\n246810\n"));
}

// The code of the last message in the file, printed once there is one.
std::string code_in(const std::string& file) {
  return "for i in $(seq 100); do [ -s " + file + " ] && break; sleep 0.1; done; tail -n 1 " +
         file + " | jq -r .text | grep -oE '[0-9]{6}' | head -n 1";
}

// What pamtester is told: a line at once, and then that code.
Ran typed_and_sent(const std::string& file, const std::string& first) {
  return run({"/bin/bash", "-c",
              "{ printf '%s\\n' '" + first + "'; " + code_in(file) +
                  "; } | pamtester test alice authenticate"});
}

BOOST_AUTO_TEST_CASE(A1_a_code_is_sent_to_who_has_nothing_else) {
  const TemporaryFolder folder;
  const PamHouse house("[sms]\ncountries = [\"+49\"]\n[[sms.gateway]]\nname = \"file\"\nfile = \"" +
                       (folder / "sms") + "\"\n\n[email]\nfile = \"" + (folder / "mail") +
                       "\"\nfrom = \"noreply@example.org\"\n");
  house.stack("required", "first=passed");
  house.policy({{"methods", {"totp", "sms", "email"}}});
  (void)ask(
      house.daemon, "POST", "/v1/users",
      R"({"name":"alice.person","login":"alice","phone":"+491701234567","email":"alice@example.org"})");
  const Ran by_phone = typed_and_sent(folder / "sms", "");
  BOOST_TEST(by_phone.exit_code == 0, said(by_phone) << logged());
  BOOST_TEST(said(by_phone).contains("Code that was sent to "));
  BOOST_TEST(!said(by_phone).contains("4917012345"));  // masked
  const Ran by_mail = typed_and_sent(folder / "mail", "email");
  BOOST_TEST(by_mail.exit_code == 0, said(by_mail) << logged());
  const std::string used = run({"/bin/bash", "-c", code_in(folder / "mail")}).out;
  BOOST_TEST(used.size() == 7U);
  BOOST_TEST(!house.lets_in("alice", "email\n" + used));  // T09: the code of another sign-in
}

BOOST_AUTO_TEST_CASE(a_pin_is_asked_for_and_goes_to_the_key) {
  const Alice house;
  const SoftKey key = house.plug("a", {"--profile", "pin"});
  (void)told(house.daemon, {"device", "pin", "set", "--new-pin-file", house.pin("4711")});
  (void)house.enroll(house.name_of("alice"), {"--pin-file", house.pin("4711"), "--uv", "required"});
  const Ran in = house.pam("alice", "\n4711\n");
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  const Ran out = house.pam("alice", "\n4712\n");  // and then nothing more is typed
  BOOST_TEST(out.exit_code != 0);
  BOOST_TEST(!house.lets_in("alice", "\n\n"));  // T17: an empty PIN reaches no key
}

BOOST_AUTO_TEST_CASE(password_and_code_in_one_field) {
  const Alice house;
  const std::string unix_password = "auth required pam_unix.so use_first_pass\n";
  house.service("test", "auth required " + house.module("try_first_pass") + "\n" + unix_password);
  const Ran in = house.pam("alice", "alice's password" + house.code());
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  BOOST_TEST(!house.lets_in("alice", "another password" + house.code()));
  const std::string backup = enroll_backup_codes(house.daemon, house.name_of("alice")).front();
  BOOST_TEST(house.lets_in("alice", "alice's password" + backup + "\n"));
  (void)told(house.daemon, {"user", "add", "bob.person", "--login", "bob"});
  const Json token = told(
      house.daemon, {"enroll", "totp", "--user", "bob.person", "--digits", "8", "--no-confirm"});
  const Phone eight{
      .user = "bob.person", .id = text(token, "id"), .secret = text(token, "secret"), .digits = 8};
  BOOST_TEST(house.lets_in("bob", "bob's password" + fresh_code(house.daemon, eight) + "\n"));
  BOOST_TEST(house.lets_in(
      "alice", "alice's password\n" + house.code()));  // no code at its end: it is asked for
  house.service(
      "test", "auth required pam_unix.so\nauth required " + house.module("use_first_pass") + "\n");
  BOOST_TEST(!house.lets_in("alice", "alice's password\n" + house.code()));  // never asks
}

// Whatever the prompt takes, also behind a password that ends in digits, and without a try that is
// spent on guessing.
BOOST_AUTO_TEST_CASE(one_field_takes_what_the_prompt_takes) {
  const PamHouse house;
  (void)run({"/bin/sh", "-c",
             "sed -i \"s|^carol:[^:]*:|carol:$(openssl passwd -6 -salt abcd summer2026):|\" "
             "/etc/shadow"});
  house.service("test", "auth required " + house.module("try_first_pass") +
                            "\nauth required pam_unix.so use_first_pass\n");
  (void)told(house.daemon, {"user", "add", "carol.person", "--login", "carol"});
  const auto enroll = [&](const std::string& kind, int digits) {
    const Json token = told(house.daemon, {"enroll", kind, "--user", "carol.person", "--digits",
                                           std::to_string(digits), "--no-confirm"});
    return Phone{.user = "carol.person",
                 .id = text(token, "id"),
                 .secret = text(token, "secret"),
                 .digits = digits};
  };
  for (const int digits : {6, 7, 8}) {
    const Phone phone = enroll("totp", digits);
    const std::string code = fresh_code(house.daemon, phone);
    BOOST_TEST(house.lets_in("carol", "summer2026" + code + "\n"), digits << " digits");
    std::string parted = fresh_code(house.daemon, phone);
    parted.insert(parted.size() / 2, " ");
    BOOST_TEST(house.lets_in("carol", "summer2026" + parted + "\n"), parted);
    BOOST_TEST(
        house.daemon.call("PATCH", "/v1/authenticators/" + phone.id, R"({"status":"suspended"})")
            .status == 200);
  }
  // A longer code that policy does not admit cuts nothing off the password.
  const Phone phone = enroll("totp", 6);
  (void)enroll("hotp", 8);
  house.policy({{"methods", {"totp"}}});
  BOOST_TEST(house.lets_in("carol", "summer2026" + fresh_code(house.daemon, phone) + "\n"));
  const std::string record = house.daemon.cli({"audit", "list", "--last", "200"}).out;
  BOOST_TEST(!record.contains("wrong-code"), record);
}

BOOST_AUTO_TEST_CASE(T17_no_code_is_none) {
  const Alice house;
  BOOST_TEST(!house.lets_in("alice", "\n", remote));
  BOOST_TEST(!house.lets_in("alice", ""));
  BOOST_TEST(!house.lets_in("alice", std::string(500, '1') + "\n"));
}

BOOST_AUTO_TEST_CASE(T18_who_is_not_known_or_lost_everything_is_not_let_in) {
  const Alice house;
  BOOST_TEST(!house.lets_in("bob", "123456\n"));  // a Unix user that is nobody's login
  add_user(house.daemon, "bob");                  // a user of that name, who is somebody else
  BOOST_TEST(!house.lets_in("bob", "123456\n"));
  (void)told(house.daemon, {"authenticator", "revoke", house.phone.id});
  BOOST_TEST(!house.lets_in("alice", house.code()));
  BOOST_TEST(!house.lets_in("alice", "\n"));
}

BOOST_AUTO_TEST_CASE(T18_unknown_users_go_by_policy) {
  const Alice house;
  house.service("test", "auth required " + house.module() + "\nauth required pam_permit.so\n");
  BOOST_TEST(!house.lets_in("bob", "123456\n"));
  house.policy({{"unknown_users", "allow"}});
  BOOST_TEST(house.lets_in("bob", ""));  // PAM_IGNORE: the other module decided
}

BOOST_AUTO_TEST_CASE(T19_without_a_daemon_nobody_gets_in) {
  Alice house;
  house.service("test", "auth required " + house.module() + "\nauth required pam_permit.so\n");
  house.service("open", "auth required " + house.module("failmode=allow") +
                            "\nauth required pam_permit.so\n");
  const auto gone = [&] {
    (void)logged();
    const Ran denied = house.pam("alice", "123456\n");
    BOOST_TEST(denied.exit_code != 0);
    BOOST_TEST(said(denied).contains("can't be checked now"), said(denied));
    BOOST_TEST(logged().contains("no daemon answers"));
    BOOST_TEST(house.pam("alice", "", {}, "authenticate", "open").exit_code == 0);
    const std::string log = logged();
    BOOST_TEST(log.contains("<84>"), log);  // authpriv.warning
    BOOST_TEST(log.contains("failmode=allow: alice (open) is let through without a second factor"),
               log);
  };
  house.daemon.kill_now();  // its socket stays: connections are refused
  gone();
}

BOOST_AUTO_TEST_CASE(T19_a_daemon_that_does_not_answer_is_no_daemon_that_is_gone) {
  const Alice house;
  house.service("test", "auth required " + house.module("failmode=allow timeout=1") +
                            "\nauth required pam_permit.so\n");
  (void)kill(house.daemon.pid(), SIGSTOP);
  const auto before = std::chrono::steady_clock::now();
  BOOST_TEST(!house.lets_in("alice", "123456\n"));
  BOOST_TEST((std::chrono::steady_clock::now() - before < std::chrono::seconds(10)));
  (void)kill(house.daemon.pid(), SIGCONT);
}

// Somebody else's socket, in somebody else's folder, or where others may write.
BOOST_AUTO_TEST_CASE(T15_only_the_services_own_socket_is_asked) {
  const Alice house;
  const auto denied = [&](const std::string& path, const std::string& why) {
    house.service("test", "auth required " + pam_module() + " failmode=allow socket=" + path +
                              "\nauth required pam_permit.so\n");
    (void)logged();
    BOOST_TEST(!house.lets_in("alice", house.code()), path);
    const std::string log = logged();
    BOOST_TEST(log.contains(why), log);
  };
  const std::string folder = house.folder / "public";
  std::filesystem::create_directory(folder);
  (void)chmod(folder.c_str(), 0777);
  std::filesystem::create_hard_link(house.daemon.socket(), folder + "/socket");
  denied(folder + "/socket", "can be written by others");
  (void)chmod(folder.c_str(), 0755);
  (void)!chown(folder.c_str(), 61002, 61002);
  denied(folder + "/socket", "belongs to uid 61002");
  (void)!chown(folder.c_str(), 0, 0);
  (void)!lchown((folder + "/socket").c_str(), 61002, 61002);
  denied(folder + "/socket", "belongs to uid 61002");
  (void)!lchown((folder + "/socket").c_str(), 0, 0);
  // Bob listens, and root owns the file.
  const std::string fake = house.folder / "fake";
  (void)chmod(house.folder.path().c_str(), 0755);
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  fake.copy(address.sun_path, sizeof address.sun_path - 1);
  BOOST_REQUIRE(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(seteuid(61002) == 0);
  BOOST_REQUIRE(listen(listening, 4) == 0);
  BOOST_REQUIRE(seteuid(0) == 0);
  denied(fake, "belongs to uid 61002, which is neither root, nor the service");
  (void)close(listening);
  // The environment does not count.
  house.service("test", "auth required " + pam_module() + "\n");
  (void)setenv("COUNTERSIGN_SOCKET", house.daemon.socket().c_str(), 1);
  BOOST_TEST(!house.lets_in("alice", house.code()));
  (void)unsetenv("COUNTERSIGN_SOCKET");
  house.stack("required");
  BOOST_TEST(house.lets_in("alice", house.code()));
}

BOOST_AUTO_TEST_CASE(T46_from_afar_no_key_is_asked) {
  const Alice house;
  const SoftKey key = house.plug("a", no_pin);
  (void)house.enroll(house.name_of("alice"));
  const Ran out = house.pam("alice", "\n", remote);
  BOOST_TEST(out.exit_code != 0);
  BOOST_TEST(!said(out).contains("key"), said(out));
  BOOST_TEST(house.lets_in("alice", house.code(), remote));  // a code works from everywhere
  BOOST_TEST(house.lets_in("alice", "\n", {{"tty", "/dev/tty1"}}));
}

BOOST_AUTO_TEST_CASE(T32_the_same_words_for_everybody) {
  const Alice house;
  for (const std::string typed : {"000000\n", "no code at all\n", "\n"})
    for (const auto& items : {remote, PamHouse::Items{}}) {
      const std::string wrong = said(house.pam("alice", typed, items));
      for (const char* other : {"nobody-of-that-name", "bob"})
        BOOST_TEST(said(house.pam(other, typed, items)) == wrong);
      (void)told(house.daemon, {"user", "suspend", house.name_of("alice")});
      BOOST_TEST(said(house.pam("alice", typed, items)) == wrong);
      (void)told(house.daemon, {"user", "resume", house.name_of("alice")});
    }
}

BOOST_AUTO_TEST_CASE(T21_the_daemon_keeps_nothing_of_many_sign_ins) {
  const Alice house;
  house.stack("required", "timeout=5");
  BOOST_TEST(house.lets_in("alice", house.code()));
  const std::size_t before = descriptors_of(house.daemon.pid()).size();
  for (int i = 0; i < 20; ++i) BOOST_TEST(house.lets_in("alice", house.code()));
  BOOST_TEST(becomes_true([&] { return descriptors_of(house.daemon.pid()).size() <= before; }));
}

BOOST_AUTO_TEST_CASE(a_mistyped_option_denies) {
  const Alice house;
  for (const std::string options :
       {"failmode=alow", "nouserok", "timeout=0", "socket=relative", "timeout=x", "failmode="}) {
    house.stack("required", options);
    (void)logged();
    BOOST_TEST(!house.lets_in("alice", house.code()), options);
    BOOST_TEST(logged().contains("<83>"), options);  // authpriv.err
  }
}

BOOST_AUTO_TEST_CASE(the_prompt_and_the_service_can_be_named) {
  const Alice house;
  house.service("test",
                "auth required " + house.module("service=vpn [prompt=One-time code]") + "\n");
  const Ran in = house.pam("alice", house.code());
  BOOST_TEST(in.exit_code == 0);
  BOOST_TEST(said(in).contains("One-time code: "), said(in));
}

BOOST_AUTO_TEST_CASE(the_account_of_a_suspended_user_is_closed) {
  const Alice house;
  house.service("test",
                "account required " + house.module() + "\naccount required pam_permit.so\n");
  BOOST_TEST(house.pam("alice", "", {}, "acct_mgmt").exit_code == 0);
  BOOST_TEST(house.pam("bob", "", {}, "acct_mgmt").exit_code ==
             0);  // not known here: nothing against it
  (void)told(house.daemon, {"user", "suspend", house.name_of("alice")});
  BOOST_TEST(house.pam("alice", "", {}, "acct_mgmt").exit_code != 0);
}

BOOST_AUTO_TEST_CASE(who_has_no_factor_enrols_at_the_prompt) {
  const Alice house;
  house.stack("required", "first=passed");
  (void)told(house.daemon, {"user", "add", "bob.person", "--login", "bob"});
  // The app can't know the secret before it is shown: a wrong code binds nothing.
  const Ran out = house.pam("bob", "000000\n");
  BOOST_TEST(out.exit_code != 0);
  BOOST_TEST(said(out).contains("Authentication failure"), said(out));
  BOOST_TEST(said(out).contains("▀"), said(out));
  BOOST_TEST(said(out).contains("authenticator app"), said(out));
  house.policy({{"enroll_at_sign_in", false}});
  BOOST_TEST(!said(house.pam("bob", "000000\n")).contains("authenticator app"));
}

BOOST_AUTO_TEST_CASE(where_policy_is_optional_it_can_be_skipped) {
  const Alice house;
  house.policy({{"mode", "optional"}});
  house.service(
      "test", "auth required " + house.module("first=passed") + "\nauth required pam_permit.so\n");
  (void)told(house.daemon, {"user", "add", "bob.person", "--login", "bob"});
  const Ran in = house.pam("bob", "\n");
  BOOST_TEST(in.exit_code == 0, said(in) << logged());
  BOOST_TEST(said(in).contains("skip"));
  BOOST_TEST(!said(house.pam("bob", "")).contains("skip"));  // remembered
  BOOST_TEST(!house.lets_in("alice", "\n"));                 // who has one is asked for it
}

BOOST_AUTO_TEST_SUITE_END()
