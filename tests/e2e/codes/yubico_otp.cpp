// SPDX-License-Identifier: Apache-2.0
// Yubico OTP with programs that nobody here wrote: ykgenerate types for the key, ykparse reads it,
// ykclient and pam_yubico ask by the validation protocol, curl and openssl look at its signatures.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "tests/e2e/support/story.h"

using namespace countersign::test;

namespace {

constexpr const char* aes_key = "ecde18dbe76fbd0c33330f1c354871db";
constexpr const char* private_id = "8792ebfe26cc";
constexpr const char* public_id = "vvccccidlvjt";

// What a key with these counters types.
std::string typed(int usage, int session, int timestamp, const std::string& key = aes_key) {
  return public_id + tool({"ykgenerate", key, private_id, fmt::format("{:04x}", usage),
                           fmt::format("{:04x}", timestamp & 0xffff),
                           fmt::format("{:02x}", timestamp >> 16), fmt::format("{:02x}", session)})
                         .substr(0, 32);
}

// A port that nothing listens at now.
int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  BOOST_REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

struct Keys {
  int port = free_port();
  House house{{}, true, [this](const TemporaryFolder&) {
                return std::vector<std::string>{"--wsapi", fmt::format("127.0.0.1:{}", port)};
              }};
  const DaemonProcess& daemon = house.daemon;

  Keys() {
    add_user(daemon, "alice");
    add_user(daemon, "bob");
  }

  // Imports the key from the kind of file that ykman writes.
  void import(const std::string& user) const {
    write_file(house.folder / "keys.csv", fmt::format("4711,{},{},{},,2024-05-01T10:00:00,\n",
                                                      public_id, private_id, aes_key));
    const Json report =
        told(daemon, {"import", "yubikey", house.folder / "keys.csv", "--user", user});
    BOOST_TEST(report.at("accepted").as_int64() == 1);
  }
  [[nodiscard]] std::string by_itself(const std::string& otp) const {
    const Json said = ask(daemon, "POST", "/v1/verifications",
                          boost::json::serialize(boost::json::value{{"code", otp}}));
    return text(said, "verdict") == "verified" ? "verified " + text(said, "user")
                                               : text(said, "reason");
  }

  struct Client {
    std::string id, key;
  };
  [[nodiscard]] Client add_client(const std::string& name) const {
    const Json added = told(daemon, {"client", "add", name});
    return {std::to_string(added.at("id").as_int64()), text(added, "key")};
  }
  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}/wsapi/2.0/verify", port);
  }
  [[nodiscard]] Ran ykclient(const Client& client, const std::string& otp) const {
    return run({"ykclient", "--url", url(), "--apikey", client.key, client.id, otp});
  }
  [[nodiscard]] std::string get(const std::string& query) const {
    return tool({"curl", "-sS", "--max-time", "20", url() + "?" + query});
  }
};

std::string line_of(const std::string& answer, const std::string& name) {
  const auto at = answer.find("\r\n" + name + "=");
  if (at == std::string::npos)
    return answer.starts_with(name + "=")
               ? answer.substr(name.size() + 1, answer.find("\r\n") - name.size() - 1)
               : std::string();
  const auto begin = at + 3 + name.size();
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

constexpr const char* nonce = "0123456789abcdef";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(yubico_otps, Keys)

BOOST_AUTO_TEST_CASE(T01_what_the_key_types_says_who_it_is_once) {
  import("alice");
  const std::string first = typed(1, 0, 100);
  BOOST_TEST(tool({"ykparse", aes_key, first}).contains("counter: 1 (0x0001)"));
  BOOST_TEST(by_itself(first) == "verified alice");
  BOOST_TEST(by_itself(first) == "used-code");
  BOOST_TEST(by_itself(typed(1, 1, 110)) == "verified alice");
  BOOST_TEST(verdict(daemon, "alice", typed(1, 2, 120)) == "verified");
  BOOST_TEST(verdict(daemon, "bob", typed(1, 3, 130)) == "unknown-token");
  BOOST_TEST(by_itself(typed(1, 3, 130, "00112233445566778899aabbccddeeff")) == "wrong-code");
  BOOST_TEST(by_itself("cccccccccccb" + first.substr(12)) == "unknown-token");
  const Json by_cli = told(daemon, {"verify", "--code", typed(2, 0, 5)});
  BOOST_TEST(text(by_cli, "user") == "alice");
  told(daemon, {"verify", "--code", "123456"}, 2);  // whose would it be?
}

BOOST_AUTO_TEST_CASE(T03_a_restart_opens_nothing) {
  import("alice");
  const std::string otp = typed(7, 3, 100);
  BOOST_TEST(by_itself(otp) == "verified alice");
  house.daemon.stop();
  house.daemon.start();
  BOOST_TEST(by_itself(otp) == "used-code");
  BOOST_TEST(by_itself(typed(7, 4, 200)) == "verified alice");
}

BOOST_AUTO_TEST_CASE(from_stock_with_a_first_touch) {
  write_file(house.folder / "keys.csv",
             fmt::format("# ykksm 1\n4711,{},{},{},,,\n", public_id, private_id, aes_key));
  told(daemon, {"import", "yubikey", house.folder / "keys.csv", "--stock"});
  BOOST_TEST(by_itself(typed(1, 0, 1)) == "unknown-token");
  const Json begun = told(daemon, {"enroll", "yubico-otp", "--user", "bob", "--serial", "4711"});
  told(daemon, {"enroll", "confirm", text(begun, "id"), "--code", typed(1, 1, 10)});
  BOOST_TEST(by_itself(typed(1, 1, 10)) == "used-code");
  BOOST_TEST(by_itself(typed(1, 2, 20)) == "verified bob");
}

BOOST_AUTO_TEST_CASE(T44_files_with_mistakes_import_nothing) {
  const std::string good = fmt::format("4711,{},{},{},,,\n", public_id, private_id, aes_key);
  for (const std::string& bad :
       {good, std::string("4712,vvccccidlvjt,00,00,,,\n"),
        std::string("4713,vvccccidlvjv,8792ebfe26cc,ecde18dbe76fbd0c33330f1c3548\n")}) {
    write_file(house.folder / "keys.csv", good + bad);
    const Json report =
        told(daemon, {"import", "yubikey", house.folder / "keys.csv", "--user", "alice"}, 2);
    BOOST_TEST(!report.at("imported").as_bool());
    BOOST_TEST(report.at("refused").as_array().at(0).as_object().at("line").as_int64() == 2);
    BOOST_TEST(by_itself(typed(1, 0, 1)) == "unknown-token");
  }
}

BOOST_AUTO_TEST_CASE(keys_are_exported_for_another_server_and_each_is_in_the_record) {
  import("alice");
  const std::string file = house.folder / "out.csv";
  const Json done = told(daemon, {"export", "yubikey", file, "--user", "alice"});
  BOOST_TEST(done.at("keys").as_int64() == 1);
  BOOST_TEST(
      content_of(file).contains(fmt::format("\n4711,{},{},{},,", public_id, private_id, aes_key)));
  BOOST_TEST(tool({"stat", "-c", "%a", file}) == "600\n");
  const std::string record = daemon.cli({"audit", "list", "--json"}).out;
  BOOST_TEST(record.contains("authenticator.secret-exported"));
  BOOST_TEST(!record.contains(aes_key));
  told(daemon, {"export", "yubikey", file, "--user", "alice"}, 2);  // the file is there
  told(daemon, {"export", "yubikey", house.folder / "none.csv", "--user", "bob"}, 6);
  BOOST_TEST(!std::filesystem::exists(house.folder / "none.csv"));
  // The other server: what was used here is not used there, as it is when a key moves.
  const Keys other;
  told(other.daemon, {"import", "yubikey", file, "--user", "bob"});
  BOOST_TEST(other.by_itself(typed(3, 0, 100)) == "verified bob");
  // Revoked keys stay, and an administrator with a factor shows it, for this.
  (void)told(daemon, {"user", "add", "chief", "--role", "admin"});
  const Phone chief = enroll_totp(daemon, "chief");
  told(daemon, {"export", "yubikey", house.folder / "two.csv"}, 5);
  BOOST_TEST(!std::filesystem::exists(house.folder / "two.csv"));
  told(daemon, {"export", "yubikey", house.folder / "two.csv", "--as", "chief", "--code",
                fresh_code(daemon, chief)});
  const Json listed = told(daemon, {"authenticator", "list", "--user", "alice"});
  told(daemon, {"authenticator", "revoke",
                text(listed.at("authenticators").as_array().at(0).as_object(), "id"), "--as",
                "chief", "--code", fresh_code(daemon, chief)});
  told(daemon,
       {"export", "yubikey", house.folder / "three.csv", "--as", "chief", "--code",
        fresh_code(daemon, chief)},
       6);
}

BOOST_AUTO_TEST_CASE(ykclient_is_answered) {
  import("alice");
  const Client client = add_client("vpn");
  const std::string otp = typed(1, 0, 100);
  BOOST_TEST(ykclient(client, otp).exit_code == 0);
  BOOST_TEST(ykclient(client, otp).exit_code == 2);  // replayed
  BOOST_TEST(ykclient(client, typed(1, 1, 200, "00112233445566778899aabbccddeeff")).exit_code == 3);
  BOOST_TEST(ykclient({client.id, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}, typed(1, 2, 300)).exit_code !=
             0);
  BOOST_TEST(ykclient({"99", client.key}, typed(1, 2, 300)).exit_code != 0);
  BOOST_TEST(ykclient(client, typed(1, 2, 300)).exit_code == 0);  // none of these used it up
  told(daemon, {"client", "revoke", client.id});
  BOOST_TEST(ykclient(client, typed(1, 3, 400)).exit_code != 0);
  BOOST_TEST(by_itself(typed(1, 3, 400)) == "verified alice");
}

BOOST_AUTO_TEST_CASE(each_status_of_the_protocol) {
  import("alice");
  const Client client = add_client("vpn");
  const auto status = [&](const std::string& query) { return line_of(get(query), "status"); };
  const std::string otp = typed(1, 0, 0x012345);
  BOOST_TEST(status("") == "MISSING_PARAMETER");
  BOOST_TEST(status("id=" + client.id) == "MISSING_PARAMETER");
  BOOST_TEST(status("id=" + client.id + "&otp=" + otp + "&nonce=short") == "MISSING_PARAMETER");
  BOOST_TEST(status("id=77&otp=" + otp + "&nonce=" + nonce) == "NO_SUCH_CLIENT");
  BOOST_TEST(status("id=one&otp=" + otp + "&nonce=" + nonce) == "NO_SUCH_CLIENT");
  BOOST_TEST(status("id=" + client.id + "&otp=123456&nonce=" + nonce) == "BAD_OTP");
  BOOST_TEST(status("id=" + client.id + "&otp=cccccccccccb" + otp.substr(12) + "&nonce=" + nonce) ==
             "BAD_OTP");
  BOOST_TEST(status("id=" + client.id + "&otp=" + otp + "&nonce=" + nonce +
                    "&h=AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D") == "BAD_SIGNATURE");

  const std::string good =
      get("id=" + client.id + "&otp=" + otp + "&nonce=" + nonce + "&timestamp=1");
  BOOST_TEST(line_of(good, "status") == "OK", good);
  BOOST_TEST(line_of(good, "otp") == otp);
  BOOST_TEST(line_of(good, "nonce") == nonce);
  BOOST_TEST(line_of(good, "timestamp") == std::to_string(0x012345));
  BOOST_TEST(line_of(good, "sessioncounter") == "1");
  BOOST_TEST(line_of(good, "sessionuse") == "0");
  BOOST_TEST(line_of(good, "sl") == "100");
  // The signature, made again by openssl.
  const std::string signed_text = fmt::format(
      "nonce={}&otp={}&sessioncounter=1&sessionuse=0&sl=100&status=OK&t={}&timestamp={}", nonce,
      otp, line_of(good, "t"), 0x012345);
  write_file(house.folder / "signed", signed_text);
  const std::string hex =
      tool({"sh", "-c", "printf %s '" + client.key + "' | base64 -d | od -An -tx1 | tr -d ' \\n'"});
  const std::string again = tool({"sh", "-c",
                                  "openssl dgst -sha1 -mac HMAC -macopt hexkey:" + hex +
                                      " -binary '" + (house.folder / "signed") + "' | base64"});
  BOOST_TEST(line_of(good, "h") + "\n" == again);

  BOOST_TEST(status("id=" + client.id + "&otp=" + otp + "&nonce=" + nonce) == "REPLAYED_REQUEST");
  BOOST_TEST(status("id=" + client.id + "&otp=" + otp + "&nonce=fedcba9876543210") ==
             "REPLAYED_OTP");
  told(daemon, {"client", "revoke", client.id});
  BOOST_TEST(status("id=" + client.id + "&otp=" + typed(2, 0, 1) + "&nonce=" + nonce) ==
             "OPERATION_NOT_ALLOWED");
}

BOOST_AUTO_TEST_CASE(nothing_else_is_served_there) {
  const std::string base = fmt::format("http://127.0.0.1:{}", port);
  for (const char* path : {"/v1/status", "/v1/users", "/", "/wsapi/verify"})
    BOOST_TEST(tool({"curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20",
                     base + path}) == "404");
}

BOOST_AUTO_TEST_CASE(T02_one_otp_with_many_nonces_is_ok_once) {
  import("alice");
  const Client client = add_client("vpn");
  for (int round = 1; round <= 5; ++round) {
    const std::string otp = typed(round, 0, 1);
    std::vector<std::string> statuses(16);
    std::vector<std::thread> askers;
    for (std::size_t i = 0; i < statuses.size(); ++i)
      askers.emplace_back([&, i] {
        statuses[i] = line_of(
            get(fmt::format("id={}&otp={}&nonce={}", client.id, otp, fmt::format("{:016}", i))),
            "status");
      });
    for (std::thread& each : askers) each.join();
    BOOST_TEST(std::ranges::count(statuses, "OK") == 1);
    BOOST_TEST(std::ranges::count(statuses, "REPLAYED_OTP") == 15);
  }
}

BOOST_AUTO_TEST_CASE(pam_yubico_lets_in) {
  BOOST_REQUIRE_MESSAGE(::geteuid() == 0, "this test writes to /etc/pam.d: run it as root");
  import("alice");
  const Client client = add_client("login");
  write_file(house.folder / "mapping", fmt::format("root:{}\n", public_id));
  const std::string service = "countersign-wsapi-" + std::to_string(::getpid());
  write_file("/etc/pam.d/" + service,
             fmt::format("auth required pam_yubico.so id={} key={} urllist={} authfile={}\naccount "
                         "required pam_permit.so\n",
                         client.id, client.key, url(), house.folder / "mapping"),
             0644);
  const auto signs_in = [&](const std::string& otp) {
    return run({"pamtester", service, "root", "authenticate"}, otp + "\n").exit_code == 0;
  };
  const std::string otp = typed(1, 0, 100);
  BOOST_TEST(signs_in(otp));
  BOOST_TEST(!signs_in(otp));
  BOOST_TEST(!signs_in(typed(1, 1, 200, "00112233445566778899aabbccddeeff")));
  BOOST_TEST(signs_in(typed(1, 1, 200)));
  (void)std::remove(("/etc/pam.d/" + service).c_str());
}

BOOST_AUTO_TEST_CASE(a_rotated_key_keeps_the_clients) {
  import("alice");
  const Client client = add_client("vpn");
  told(daemon, {"key", "rotate"});
  for (int i = 0; i < 200 && !daemon.cli({"audit", "list", "--json"}).out.contains("key.resealed");
       ++i)
    ::usleep(50'000);
  house.daemon.stop();
  house.daemon.start();
  BOOST_TEST(ykclient(client, typed(1, 0, 100)).exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()
