// SPDX-License-Identifier: Apache-2.0
// Every stack that the manual pages, the README and the packages show, word for word: a wrong first
// factor, each decision, and no daemon. A stack without a row in the table below fails. As root.
#include <security/pam_appl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <future>
#include <regex>
#include <set>
#include <sstream>

#include "cli/local/host_checks.h"
#include "tests/e2e/support/pam_application.h"
#include "tests/e2e/support/pam_house.h"

using namespace countersign;
using namespace countersign::test;
namespace fs = std::filesystem;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

// --- what is documented ---

struct Documented {
  std::string name;  // of the mark on the line before it; empty: it has none
  std::string text, where;
};

bool is_stack(const std::string& text) {
  static const std::regex line(R"((^|\n)-?(auth|account|session|password)[ \t])");
  return std::regex_search(text, line);
}

// "; stack: NAME" in scdoc, "<!-- stack: NAME -->" in Markdown.
std::string mark_in(const std::string& line) {
  static const std::regex mark(R"(^(?:; |<!-- )stack: ([a-z-]+))");
  std::smatch found;
  return std::regex_search(line, found, mark) ? found[1].str() : "";
}

// The literal blocks of a page that are stacks.
void read_page(const fs::path& page, std::vector<Documented>& stacks) {
  std::istringstream lines(content_of(page));
  std::string before, mark, block;
  bool inside = false;
  for (std::string line; std::getline(lines, line); before = line) {
    if (!line.starts_with("```")) {
      if (inside) block += line + "\n";
      continue;
    }
    if (!inside)
      mark = mark_in(before), block.clear();
    else if (is_stack(block))
      stacks.push_back({mark, block, page.string()});
    inside = !inside;
  }
}

// What pam-auth-update makes of a profile, behind Debian's password (pam_installed.sh runs the real
// one).
Documented read_profile(const fs::path& profile) {
  std::map<std::string, std::string> lines = {
      {"Auth:",
       "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth "
       "required pam_permit.so\n"},
      {"Account:",
       "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite "
       "pam_deny.so\naccount required pam_permit.so\n"},
      {"Session:", ""}};
  std::istringstream text(content_of(profile));
  std::string section;
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with('\t'))
      section = line;
    else
      lines.at(section) += (section == "Auth:"      ? "auth"
                            : section == "Account:" ? "account"
                                                    : "session") +
                           line + "\n";
  }
  return {"pam-auth-update", lines["Auth:"] + lines["Account:"] + lines["Session:"],
          profile.string()};
}

std::vector<Documented> documented() {
  std::vector<Documented> stacks;
  const fs::path root = COUNTERSIGN_SOURCE_DIR;
  for (const char* place : {"README.md", "cli", "core", "daemon", "devices", "firmware-notes"}) {
    if (fs::is_regular_file(root / place))
      read_page(root / place, stacks);
    else
      for (const auto& each : fs::recursive_directory_iterator(root / place))
        if (each.path().extension() == ".scd" || each.path().extension() == ".md")
          read_page(each.path(), stacks);
  }
  for (const auto& each : fs::directory_iterator(root / "daemon/pam/pam-configs"))
    stacks.push_back(read_profile(each.path()));
  return stacks;
}

// --- how each is run ---

enum class Runs { as_root, set_uid, as_user };

struct Row {
  std::string stack, service;
  std::map<std::string, std::string> items = {};
  Runs runs = Runs::as_root;
  bool by_key = false;  // the first factor is sshd's public key
  bool asks = true;     // it has an auth phase
  bool root_way_in = false;
};

const std::map<std::string, std::string> from_afar = {{"rhost", "192.0.2.7"}, {"tty", "ssh"}};

const std::vector<Row> rows = {
    {.stack = "sshd", .service = "sshd", .items = from_afar},
    {.stack = "sshd-key", .service = "sshd", .items = from_afar, .by_key = true},
    {.stack = "sudo", .service = "sudo", .items = {{"tty", "/dev/pts/0"}}, .runs = Runs::set_uid},
    {.stack = "su", .service = "su", .items = {{"tty", "/dev/pts/0"}}, .runs = Runs::set_uid},
    {.stack = "login", .service = "login", .items = {{"tty", "tty1"}}, .root_way_in = true},
    {.stack = "greetd", .service = "greetd"},
    {.stack = "locker", .service = "swaylock", .items = {{"tty", ":0"}}, .runs = Runs::as_user},
    {.stack = "cron", .service = "cron", .items = {{"tty", "cron"}}, .asks = false},
    {.stack = "pam-auth-update",
     .service = "login",
     .items = {{"tty", "/dev/tty2"}},
     .root_way_in = true},
    {.stack = "pam-auth-update", .service = "sshd", .items = from_afar},
    {.stack = "pam-auth-update", .service = "sudo", .runs = Runs::set_uid},
    {.stack = "pam-auth-update", .service = "cron", .asks = false},
};

const std::map<std::string, uid_t> uids = {
    {"root", 0}, {"alice", 61001}, {"bob", 61002}, {"carol", 61003}};

// Alice has a phone, bob nothing, carol an address.
class Village : public PamHouse {
 public:
  Village(const Row& row, std::string text) : PamHouse(mail_config(mails_)), row_(row) {
    policy({{"methods", {"totp", "email"}}});
    (void)told(daemon, {"user", "add", "bob.person", "--login", "bob"});
    (void)told(daemon,
               {"user", "add", "carol.person", "--login", "carol", "--email", "carol@example.org"});
    const std::string ours = "pam_countersign.so";
    for (std::size_t at = text.find(ours); at != std::string::npos; at = text.find(ours, at)) {
      const std::string there = module_for_everybody("timeout=1");
      text.replace(at, ours.size(), there);
      at += there.size();
    }
    service(row.service, text);
  }

  // first: the first factor is right. second: what is typed for the second.
  [[nodiscard]] Transacted log_in(const std::string& user, bool first, const std::string& second,
                                  const std::vector<std::string>& steps = {"authenticate"},
                                  const std::function<void()>& between = {}) const {
    Transaction transaction = of(user, steps);
    if (row_.by_key && first)
      transaction.environment = {
          {"SSH_AUTH_INFO_0", "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\n"}};
    transaction.typed = [this, password = first ? user + "'s password" : "another password",
                         second](const std::string& asked, const std::string& said) {
      return asked.contains("assword") ? password : typed(asked, said, second);
    };
    transaction.between = between;
    return transact(transaction);
  }
  [[nodiscard]] int account(const std::string& user) const {
    return transact(of(user, {"account"})).last();
  }
  [[nodiscard]] std::string code() const { return fresh_code(daemon, phone_); }
  [[nodiscard]] std::string wrong() const { return wrong_code(daemon, phone_); }
  [[nodiscard]] bool has_factor(const std::string& user) const {
    return ask(daemon, "GET", "/v1/users/" + user).at("factors_ever") != 0;
  }
  [[nodiscard]] bool reads_mail() const { return row_.runs != Runs::as_user; }  // it is root's
  [[nodiscard]] bool mailed() const {
    return fs::exists(mails_ / "mail") && content_of(mails_ / "mail").contains("\"by\":\"email\"");
  }

 private:
  static std::string mail_config(const TemporaryFolder& folder) {
    fs::remove(folder / "mail");
    return "[email]\nfile = \"" + (folder / "mail") + "\"\nfrom = \"noreply@example.org\"\n";
  }
  [[nodiscard]] Transaction of(const std::string& user,
                               const std::vector<std::string>& steps) const {
    Transaction transaction{
        .service = row_.service, .user = user, .items = row_.items, .steps = steps};
    if (row_.runs == Runs::as_user) transaction.uid = uids.at(user);
    if (row_.runs == Runs::set_uid) transaction.caller = 61004;
    return transaction;
  }
  // "email": then the code that was mailed. "enroll": the code of the secret that is shown.
  [[nodiscard]] std::string typed(const std::string& asked, const std::string& said,
                                  const std::string& second) const {
    if (asked.contains("sent to") && reads_mail()) return mailed_code();
    if (asked.contains("press Enter to use an authenticator app")) return "";
    constexpr std::string_view before = "secret into it: ";
    const std::size_t at = said.find(before);
    if (at == std::string::npos) return second;
    const std::string secret =
        said.substr(at + before.size(), said.find('\n', at) - at - before.size());
    return Phone{.user = {}, .id = {}, .secret = secret}.code_at(now(daemon));
  }

  // Six digits of the last message. In this process: a shell drops what a set-uid bit gave.
  [[nodiscard]] std::string mailed_code() const {
    const std::string mails = content_of(mails_ / "mail");
    const std::string last = mails.substr(mails.rfind('\n', mails.size() - 2) + 1);
    const std::string words = text(object_in(last), "text");
    static const std::regex digits("[0-9]{6}");
    std::smatch found;
    return std::regex_search(words, found, digits) ? found.str() : "";
  }

  static inline const TemporaryFolder mails_;
  const Row& row_;
  Phone phone_ = person("alice");
};

void with_a_wrong_first_factor(const Village& village) {
  const Transacted bob = village.log_in("bob", false, "enroll");
  BOOST_TEST(bob.last() == PAM_AUTH_ERR, bob.said);
  BOOST_TEST((!bob.said.contains("secret") && !bob.said.contains("▀")), bob.said);
  BOOST_TEST(!village.has_factor("bob.person"));
  for (const char* second : {"email", ""})
    BOOST_TEST(village.log_in("carol", false, second).last() == PAM_AUTH_ERR);
  BOOST_TEST(!village.mailed());
  village.policy({{"mode", "off"}});
  BOOST_TEST(village.log_in("alice", false, village.code()).last() == PAM_AUTH_ERR);
  village.policy({{"mode", "required"}});
}

void with_each_decision(const Village& village) {
  const Transacted in = village.log_in("alice", true, village.code(), {"authenticate", "account"});
  BOOST_TEST(in.codes == (std::vector<int>{PAM_SUCCESS, PAM_SUCCESS}),
             boost::test_tools::per_element());
  BOOST_TEST(in.last() == PAM_SUCCESS, in.said << logged());
  BOOST_TEST(village.log_in("alice", true, village.wrong()).last() == PAM_AUTH_ERR);
  const Transacted enrolled = village.log_in("bob", true, "enroll", {"authenticate", "account"});
  BOOST_TEST(enrolled.last() == PAM_SUCCESS, enrolled.said << logged());
  BOOST_TEST(village.has_factor("bob.person"));
  const Transacted sent = village.log_in("carol", true, "email", {"authenticate", "account"});
  BOOST_TEST(village.mailed());
  if (village.reads_mail()) BOOST_TEST(sent.last() == PAM_SUCCESS, sent.said << logged());
  village.policy({{"mode", "off"}});
  const Transacted nothing = village.log_in("alice", true, "000000", {"authenticate", "account"});
  BOOST_TEST(nothing.last() == PAM_SUCCESS, nothing.said << logged());
  BOOST_TEST(!nothing.said.contains("Code"), nothing.said);
  village.policy({{"mode", "required"}});
}

void with_a_suspended_user(const Village& village, bool asks) {
  BOOST_TEST(village.account("alice") == PAM_SUCCESS);
  (void)told(village.daemon, {"user", "suspend", "alice.person"});
  BOOST_TEST(village.account("alice") == PAM_AUTH_ERR);
  const Transacted out =
      asks ? village.log_in("alice", true, village.code()) : Transacted{{PAM_AUTH_ERR}, ""};
  BOOST_TEST((out.last() == PAM_AUTH_ERR || out.last() == PAM_PERM_DENIED),
             out.last());  // a locker is told by the door
  (void)told(village.daemon, {"user", "resume", "alice.person"});
}

// At the same time, since each of them waits.
void without_a_daemon(const Row& row, const Village& village, const char* how) {
  const bool remote = row.items.contains("rhost");
  const auto soon = [](auto act) { return std::async(std::launch::async, act); };
  auto alice = soon([&] {
    return row.asks ? village.log_in("alice", true, "000000").last() : PAM_AUTHINFO_UNAVAIL;
  });
  auto alice_account = soon([&] { return village.account("alice"); });
  auto root_account = soon([&] { return village.account("root"); });
  auto root = soon([&] {
    return row.root_way_in ? village.log_in("root", true, "", {"authenticate", "account"})
                           : Transacted{{PAM_SUCCESS, PAM_SUCCESS}, ""};
  });
  auto root_wrong = soon(
      [&] { return row.root_way_in ? village.log_in("root", false, "").last() : PAM_AUTH_ERR; });
  const std::string where = row.stack + " as " + row.service + ", " + how;
  BOOST_TEST(alice.get() == PAM_AUTHINFO_UNAVAIL, where);
  BOOST_TEST(alice_account.get() == (remote ? PAM_AUTHINFO_UNAVAIL : PAM_SUCCESS), where);
  BOOST_TEST(root_account.get() == PAM_SUCCESS, where);
  BOOST_TEST(root.get().codes == (std::vector<int>{PAM_SUCCESS, PAM_SUCCESS}),
             boost::test_tools::per_element());
  BOOST_TEST(root_wrong.get() == PAM_AUTH_ERR, where);
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_AUTO_TEST_SUITE(pam_documented)

BOOST_AUTO_TEST_CASE(each_documented_stack_has_a_row) {
  std::set<std::string> there, run;
  for (const Row& row : rows) run.insert(row.stack);
  for (const Documented& each : documented()) {
    BOOST_TEST(!each.name.empty(), each.where << " has a stack without a mark:\n" << each.text);
    BOOST_TEST(there.insert(each.name).second, each.name << " is there twice");
    BOOST_TEST(run.contains(each.name), each.where << ": no row for " << each.name);
  }
  BOOST_TEST(there == run, boost::test_tools::per_element());
}

// T51: a login by name alone where policy asks for nothing.
BOOST_AUTO_TEST_CASE(no_documented_stack_permits_behind_ours) {
  for (const Documented& each : documented()) {
    std::istringstream lines(each.text);
    bool ours = false;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("auth")) continue;
      BOOST_TEST(!(ours && line.contains("pam_permit.so")), each.name << ": " << line);
      ours = ours || line.contains("pam_countersign.so");
    }
  }
}

BOOST_AUTO_TEST_CASE(doctor_finds_nothing_wrong_with_a_documented_stack) {
  const std::vector<Documented> stacks = documented();
  for (const Row& row : rows) {
    const TemporaryFolder root;
    for (const char* place : {"etc/pam.d", "etc/ssh", "lib/x86_64-linux-gnu/security"})
      fs::create_directories(root.path() + "/" + place);
    write_file(root / "lib/x86_64-linux-gnu/security/pam_countersign.so", "");
    write_file(root / "etc/ssh/sshd_config",
               "AuthenticationMethods publickey,keyboard-interactive:pam\n");
    write_file(root / ("etc/pam.d/" + row.service),
               std::ranges::find(stacks, row.stack, &Documented::name)->text);
    for (const cli::Finding& each : cli::check_pam(root.path()))
      BOOST_TEST((each.good || each.detail.find("no login service") != std::string::npos),
                 row.stack << ": " << each.detail);
  }
}

BOOST_AUTO_TEST_CASE(T51_T19_each_documented_stack_word_for_word) {
  const std::vector<Documented> stacks = documented();
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.stack << " as " << row.service) {
      const auto stack = std::ranges::find(stacks, row.stack, &Documented::name);
      BOOST_REQUIRE(stack != stacks.end());
      Village village(row, stack->text);
      if (row.asks) {
        with_a_wrong_first_factor(village);
        with_each_decision(village);
      }
      with_a_suspended_user(village, row.asks);
      (void)kill(village.daemon.pid(), SIGSTOP);
      without_a_daemon(row, village, "hung");
      (void)kill(village.daemon.pid(), SIGCONT);
      village.daemon.kill_now();
      without_a_daemon(row, village, "stopped");
      (void)unlink(village.daemon.socket().c_str());
      without_a_daemon(row, village, "socket missing");
    }
  }
}

// As root, su asks for nothing, with a daemon or without.
BOOST_AUTO_TEST_CASE(su_of_root_needs_no_daemon) {
  const std::vector<Documented> stacks = documented();
  const Row row{.stack = "su", .service = "su"};
  Village village(row, std::ranges::find(stacks, "su", &Documented::name)->text);
  const auto in = [&] {
    return village.log_in("alice", false, "", {"authenticate", "account"}).codes ==
           std::vector<int>{PAM_SUCCESS, PAM_SUCCESS};
  };
  BOOST_TEST(in());
  (void)told(village.daemon, {"user", "suspend", "alice.person"});
  BOOST_TEST(!in());
  village.daemon.kill_now();
  BOOST_TEST(in());
}

BOOST_AUTO_TEST_SUITE_END()
