// SPDX-License-Identifier: Apache-2.0
// YubiKeys that somebody else programmed: validated at a daemon of ours, and at a server that
// nobody here wrote in C++ and that misbehaves.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "tests/e2e/support/key_house.h"

using namespace countersign::test;

namespace {

constexpr const char* aes_key = "ecde18dbe76fbd0c33330f1c354871db";
constexpr const char* private_id = "8792ebfe26cc";
constexpr const char* public_id = "vvccccidlvjt";

// What the key with these counters types. Two calls within a second give the same text and later
// ones another: ykgenerate seeds its random field with the time. A text that is typed twice is
// kept.
std::string typed(int usage, int session = 0, const std::string& key = aes_key) {
  return public_id +
         tool({"ykgenerate", key, private_id, fmt::format("{:04x}", usage),
               fmt::format("{:04x}", 100 + session * 16), "00", fmt::format("{:02x}", session)})
             .substr(0, 32);
}

void await_file(const std::string& path) {
  for (int i = 0; i < 1000 && !std::filesystem::exists(path); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  BOOST_REQUIRE(std::filesystem::exists(path));
}

std::string by_itself(const DaemonProcess& daemon, const std::string& otp) {
  const Json said = ask(daemon, "POST", "/v1/verifications",
                        boost::json::serialize(boost::json::value{{"code", otp}}));
  return text(said, "verdict") == "verified" ? "verified " + text(said, "user")
                                             : text(said, "reason");
}

std::string config_for(const std::vector<std::string>& servers, const std::string& client,
                       const std::string& key_file, int seconds) {
  std::string list;
  for (const std::string& each : servers) list += (list.empty() ? "\"" : ", \"") + each + "\"";
  return fmt::format(
      "[yubico_otp]\nservers = [{}]\nclient_id = {}\nkey_file = \"{}\"\nseconds = {}\n", list,
      client, key_file, seconds);
}

// The server that misbehaves, and a daemon that asks it.
struct Elsewhere {
  static constexpr const char* client = "42";
  static constexpr const char* key = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";
  TemporaryFolder folder;
  Running server{{"/usr/bin/python3", std::string(COUNTERSIGN_E2E_FOLDER) + "/validation_server.py",
                  folder.path(), client, key}};

  Elsewhere() {
    await_file(folder / "port");
    write_file(folder / "key", std::string(key) + "\n");
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + content_of(folder / "port") + "/" + path;
  }
  void mode(const std::string& path, const std::string& how) const {
    write_file(folder / ("mode-" + path), how);
  }
  [[nodiscard]] std::string config(const std::vector<std::string>& paths, int seconds = 5) const {
    std::vector<std::string> servers;
    for (const std::string& path : paths)
      servers.push_back(path.starts_with("http") ? path : url(path));
    return config_for(servers, client, folder / "key", seconds);
  }
};

void enroll(const DaemonProcess& daemon, const std::string& user, const std::string& otp,
            int exit_code = 0) {
  told(daemon, {"enroll", "yubico-otp", "--user", user, "--validated-elsewhere", "--code", otp},
       exit_code);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(otp_elsewhere)

BOOST_AUTO_TEST_CASE(a_key_that_another_daemon_knows) {
  House there({}, true, [](const TemporaryFolder&) {
    return std::vector<std::string>{"--wsapi", "127.0.0.1:0"};
  });
  add_user(there.daemon, "owner");
  write_file(there.folder / "keys.csv",
             fmt::format("4711,{},{},{},,2024-05-01T10:00:00,\n", public_id, private_id, aes_key));
  told(there.daemon, {"import", "yubikey", there.folder / "keys.csv", "--user", "owner"});
  const Json client = told(there.daemon, {"client", "add", "site"});
  write_file(there.folder / "key", text(client, "key") + "\n");
  std::string log;
  std::size_t at = std::string::npos;
  for (int i = 0; i < 500 && (at == std::string::npos || log.find('\n', at) == std::string::npos);
       ++i) {
    log = content_of(there.daemon.socket() + ".log");
    at = log.find("http://127.0.0.1:");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_REQUIRE(at != std::string::npos);
  const std::string url = log.substr(at, log.find('\n', at) - at);

  House here(
      config_for({url}, std::to_string(client.at("id").as_int64()), there.folder / "key", 5));
  add_user(here.daemon, "alice");
  add_user(here.daemon, "bob");
  BOOST_TEST(by_itself(here.daemon, typed(1)) == "unknown-token");  // not enrolled: nobody is asked
  enroll(here.daemon, "alice", typed(1));
  BOOST_TEST(by_itself(here.daemon, typed(1)) == "used-code");
  BOOST_TEST(by_itself(here.daemon, typed(1, 1)) == "verified alice");
  BOOST_TEST(verdict(here.daemon, "alice", typed(1, 2)) == "verified");
  BOOST_TEST(verdict(here.daemon, "alice", typed(1, 2)) == "used-code");  // T01
  BOOST_TEST(verdict(here.daemon, "bob", typed(1, 3)) ==
             "unknown-token");  // T26: and nothing of it was used
  BOOST_TEST(verdict(here.daemon, "alice", typed(1, 3)) == "verified");
  BOOST_TEST(verdict(here.daemon, "alice", typed(2, 0, "00112233445566778899aabbccddeeff")) ==
             "wrong-code");
  enroll(here.daemon, "bob", typed(2), 6);  // somebody has it

  // Within a sign-in, too.
  told(here.daemon, {"policy", "set", "staff", "--mode", "required", "--yes"});
  const Json begun = told(
      here.daemon,
      {"sign-in", "begin", "--user", "alice", "--primary", "password", "--service", "web"}, 10);
  const Json decided =
      told(here.daemon, {"sign-in", "verify", text(begun, "id"), "--code", typed(3)});
  BOOST_TEST(text(decided, "decision") == "allow");

  // T03: neither end forgets.
  here.daemon.kill_now();
  here.daemon.start();
  BOOST_TEST(verdict(here.daemon, "alice", typed(3)) == "used-code");
  there.daemon.kill_now();
  BOOST_TEST(verdict(here.daemon, "alice", typed(4)) == "validation-unreachable");
  const Ran by_cli = here.daemon.cli({"verify", "--code", typed(4)});
  BOOST_TEST(by_cli.exit_code == 1);
  BOOST_TEST((by_cli.out + by_cli.err).contains("no valid answer"), by_cli.out + by_cli.err);
}

// Whatever is not the servers' own answer to this very question is none: a denial, and nothing is
// used up here.
BOOST_FIXTURE_TEST_CASE(answers_that_do_not_hold_are_denials, Elsewhere) {
  const House here(config({"a"}, 1));
  add_user(here.daemon, "alice");
  for (const char* how : {"wrong-signature", "error", "backend"}) {
    mode("a", how);
    enroll(here.daemon, "alice", typed(1), 7);
  }
  for (const char* how : {"replayed", "bad-otp"}) {
    mode("a", how);
    enroll(here.daemon, "alice", typed(1), 2);
  }
  BOOST_TEST(told(here.daemon, {"authenticator", "list", "--user", "alice"})
                 .at("authenticators")
                 .as_array()
                 .empty());
  mode("a", "good");
  enroll(here.daemon, "alice", typed(1));
  int usage = 2;
  for (const char* how : {"wrong-nonce", "wrong-otp", "wrong-signature", "unsigned", "changed",
                          "twice", "no-counters", "wild-counters", "huge", "nonsense", "error",
                          "silent", "slow", "backend", "replayed-request"}) {
    BOOST_TEST_CONTEXT(how) {
      mode("a", how);
      const std::string otp = typed(usage++);
      BOOST_TEST(verdict(here.daemon, "alice", otp) == "validation-unreachable");
      mode("a", "good");
      BOOST_TEST(verdict(here.daemon, "alice", otp) == "verified");
    }
  }
  mode("a", "replayed");
  BOOST_TEST(verdict(here.daemon, "alice", typed(usage)) == "used-code");
  mode("a", "bad-otp");
  BOOST_TEST(verdict(here.daemon, "alice", typed(usage)) == "wrong-code");
  BOOST_TEST(told(here.daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_FIXTURE_TEST_CASE(of_several_servers_one_that_answers_is_enough, Elsewhere) {
  mode("slow", "slow");
  mode("liar", "wrong-signature");
  const House here(config({"http://127.0.0.1:9/nobody", "slow", "liar", "good"}, 20));
  add_user(here.daemon, "alice");
  enroll(here.daemon, "alice", typed(1));
  BOOST_TEST(verdict(here.daemon, "alice", typed(2)) == "verified");
}

// Even when a server says OK each time (it lost its memory, or does not keep its promise).
BOOST_FIXTURE_TEST_CASE(T01_T02_one_otp_counts_once_whatever_its_server_says, Elsewhere) {
  House here(config({"a"}));
  add_user(here.daemon, "alice");
  std::string otp = typed(1);
  enroll(here.daemon, "alice", otp);
  BOOST_TEST(verdict(here.daemon, "alice", otp) == "used-code");
  for (int round = 2; round < 5; ++round) {
    otp = typed(round);
    std::vector<std::string> verdicts(16);
    std::vector<std::thread> askers;
    for (std::string& each : verdicts)
      askers.emplace_back([&here, &otp, &each] { each = verdict(here.daemon, "alice", otp); });
    for (std::thread& each : askers) each.join();
    BOOST_TEST(std::ranges::count(verdicts, "verified") == 1);
    BOOST_TEST(std::ranges::count(verdicts, "used-code") == 15);
  }
  here.daemon.kill_now();
  here.daemon.start();
  BOOST_TEST(verdict(here.daemon, "alice", otp) == "used-code");
}

BOOST_AUTO_TEST_CASE(without_servers_nothing_is_enrolled_and_a_wrong_table_is_named) {
  const House here;
  add_user(here.daemon, "alice");
  enroll(here.daemon, "alice", typed(1), 7);
  const TemporaryFolder folder;
  write_file(folder / "key", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n");
  write_file(folder / "short", "QUJD\n");
  write_file(folder / "open", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n", 0644);
  const std::string url = "https://api.example.org/wsapi/2.0/verify";
  for (const auto& [config, part] : std::vector<std::pair<std::string, std::string>>{
           {"[yubico_otp]\nservers = []\nclient_id = 1\nkey_file = \"" + (folder / "key") + "\"\n",
            "yubico_otp needs servers"},
           {"[yubico_otp]\nservers = [\"ftp://example.org\"]\nclient_id = 1\nkey_file = \"" +
                (folder / "key") + "\"\n",
            "is not a URL"},
           {"[yubico_otp]\nservers = [\"" + url + "\"]\nkey_file = \"" + (folder / "key") + "\"\n",
            "needs client_id"},
           {"[yubico_otp]\nservers = [\"" + url + "\"]\nclient_id = 1\n", "needs key_file"},
           {config_for({url}, "1", folder / "short", 5), "in base64"},
           {config_for({url}, "1", folder / "open", 5), "open"},
           {config_for({url}, "1", folder / "missing", 5), "missing"}}) {
    write_file(folder / "config.toml", config);
    const Ran ran =
        daemon_refuses(folder / "state", folder / "socket", {"--config", folder / "config.toml"});
    BOOST_TEST(ran.exit_code != 0);
    BOOST_TEST((ran.out + ran.err).contains(part), part << " in " << ran.out + ran.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
