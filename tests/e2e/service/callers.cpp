// SPDX-License-Identifier: Apache-2.0
// Other people of this machine: who they are is the kernel's word (T12), what they send is dropped
// or bounded (T13, T14), what the daemon keeps of it does not grow (T21).
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "core/base/process_limits.h"
#include "tests/e2e/support/processes.h"
#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;
namespace fs = std::filesystem;

namespace {

constexpr uid_t nobody = 65534;
constexpr uid_t stranger = 12345;  // no account has it

// Everybody can reach the socket; the state stays the daemon's.
struct OpenHouse : House {
  explicit OpenHouse(const std::string& config = {}) : House(config) {
    (void)chmod(folder.path().c_str(), 0755);
  }
  [[nodiscard]] std::string as(uid_t uid, const std::string& method, const std::string& target,
                               const std::string& body = {}) const {
    return as_uid(uid, [&] {
      const auto answer = daemon.call(method, target, body);
      return std::to_string(answer.status) + " " + answer.body;
    });
  }
};

// After everybody has gone: as many descriptors as before, once the daemon has seen it.
bool descriptors_return_to(const OpenHouse& house, std::size_t before) {
  for (int tries = 0; tries < 500; ++tries) {
    if (descriptors_of(house.daemon.pid()).size() <= before) return true;
    usleep(10'000);
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(callers)

BOOST_AUTO_TEST_CASE(these_tests_are_run_as_root) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0, "these tests need root: they act as other users");
}

BOOST_AUTO_TEST_CASE(T12_another_uid_may_nothing_by_itself) {
  const OpenHouse house;
  add_user(house.daemon, "alice");
  const Phone phone = enroll_totp(house.daemon, "alice");
  for (const uid_t uid : {nobody, stranger}) {
    BOOST_TEST_CONTEXT("uid " << uid) {
      for (const auto& [method, target, body] : std::vector<std::array<std::string, 3>>{
               {"POST", "/v1/users", R"({"name":"mallory"})"},
               {"GET", "/v1/users", ""},
               {"GET", "/v1/users/alice", ""},
               {"PATCH", "/v1/users/alice", R"({"login":"nobody"})"},
               {"POST", "/v1/users/alice/reset", ""},
               {"POST", "/v1/users/alice/reopen", ""},
               {"POST", "/v1/users/batch", R"({"users":[]})"},
               {"POST", "/v1/enrollments", R"({"user":"alice","kind":"totp"})"},
               {"GET", "/v1/authenticators", ""},
               {"GET", "/v1/authenticators?user=alice", ""},
               {"GET", "/v1/authenticators/" + phone.id, ""},
               {"PATCH", "/v1/authenticators/" + phone.id, R"({"status":"revoked"})"},
               {"POST", "/v1/authenticators/" + phone.id + "/resync",
                R"({"codes":["000000","111111"]})"},
               {"POST", "/v1/imports", ""},
               {"GET", "/v1/coverage", ""},
               {"GET", "/v1/audit/events", ""},
               {"GET", "/v1/audit/verification", ""},
               {"POST", "/v1/audit/prune", R"({"through":1})"},
               {"POST", "/v1/keys/rotate", ""},
               {"POST", "/v1/store/resync", ""},
               {"PUT", "/v1/demo/clock", R"({"advance":60})"},
               {"POST", "/v1/verifications",
                verification("alice", phone.code_at(now(house.daemon)))}})
        BOOST_TEST(house.as(uid, method, target, body).starts_with("403 "),
                   method << " " << target);
      BOOST_TEST(house.as(uid, "GET", "/v1/status").starts_with("200 "));
      BOOST_TEST(house.as(uid, "GET", "/v1/openapi.json").starts_with("200 "));
      // What the request says about its sender changes nothing.
      const std::string raw = as_uid(uid, [&] {
        const Socket socket(house.daemon.socket());
        (void)socket.send(
            "GET /v1/users HTTP/1.1\r\nHost: x\r\nX-Remote-User: root\r\nX-Forwarded-For: "
            "127.0.0.1\r\nAuthorization: Basic cm9vdDo=\r\nConnection: close\r\n\r\n");
        return socket.receive_all();
      });
      BOOST_TEST(raw.starts_with("HTTP/1.1 403"), raw);
    }
  }
  BOOST_TEST(verdict(house.daemon, "alice", phone.code_at(now(house.daemon))) ==
             "verified");  // nothing was used up
  // The same by the CLI: a copy of it, since the build folder need not be open to everybody.
  fs::copy_file(program("countersign"), house.folder / "countersign");
  const Ran refused =
      run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
           house.folder / "countersign", "--socket", house.daemon.socket(), "user", "list"});
  BOOST_TEST(refused.exit_code == 5, refused.exit_code << refused.err);
}

BOOST_AUTO_TEST_CASE(T12_a_user_acts_for_itself_by_its_login) {
  const OpenHouse house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  add_user(daemon, "norbert");
  BOOST_TEST(daemon.cli({"user", "set", "norbert", "--login", "nobody"}).exit_code == 0);
  const Phone phone = enroll_totp(daemon, "norbert");
  const auto own = [&](const std::string& code) {
    return house.as(nobody, "POST", "/v1/verifications", verification("norbert", code));
  };
  const std::string code = fresh_code(daemon, phone);
  BOOST_TEST(own(code).find("\"verified\"") != std::string::npos);
  const std::string again = own(code);
  BOOST_TEST(again.find(R"("verdict":"denied","reason":"denied")") != std::string::npos, again);
  BOOST_TEST(house.as(nobody, "GET", "/v1/users/norbert").starts_with("200 "));
  BOOST_TEST(house.as(nobody, "GET", "/v1/authenticators?user=norbert").starts_with("200 "));
  BOOST_TEST(house.as(nobody, "GET", "/v1/authenticators/" + phone.id).starts_with("200 "));
  BOOST_TEST(house.as(nobody, "GET", "/v1/users/alice").starts_with("403 "));
  BOOST_TEST(
      house.as(nobody, "PATCH", "/v1/users/norbert", R"({"role":"admin"})").starts_with("403 "));
  BOOST_TEST(house.as(stranger, "POST", "/v1/verifications", verification("norbert", "000000"))
                 .starts_with("403 "));

  // It enrols only after a fresh verification, and only with a first code.
  BOOST_TEST(
      house.as(nobody, "POST", "/v1/enrollments", R"({"user":"norbert","kind":"backup-codes"})")
          .starts_with("403 "));
  BOOST_TEST(house
                 .as(nobody, "POST", "/v1/enrollments",
                     R"({"user":"norbert","kind":"totp","confirm":false,"code":")" +
                         fresh_code(daemon, phone) + "\"}")
                 .starts_with("403 "));
  BOOST_TEST(
      house
          .as(nobody, "POST", "/v1/enrollments",
              R"({"user":"alice","kind":"totp","code":")" + fresh_code(daemon, phone) + "\"}")
          .starts_with("403 "));
  BOOST_TEST(house
                 .as(nobody, "POST", "/v1/enrollments",
                     R"({"user":"norbert","kind":"totp","code":"000000"})")
                 .starts_with("403 "));
  const std::string fresh = fresh_code(daemon, phone);
  const std::string enrolled =
      house.as(nobody, "POST", "/v1/enrollments",
               R"({"user":"norbert","kind":"totp","code":")" + fresh + "\"}");
  BOOST_TEST(enrolled.starts_with("200 "), enrolled);
  const Json second = object_in(enrolled.substr(4));
  BOOST_TEST(house
                 .as(nobody, "POST", "/v1/enrollments",
                     R"({"user":"norbert","kind":"totp","code":")" + fresh + "\"}")
                 .starts_with("403 "));
  Phone other;
  other.secret = text(second, "secret");
  const std::string confirm = R"({"code":")" + other.code_at(now(daemon)) + "\"}";
  BOOST_TEST(
      house.as(stranger, "POST", "/v1/enrollments/" + text(second, "id") + "/confirm", confirm)
          .starts_with("404 "));
  BOOST_TEST(house.as(nobody, "POST", "/v1/enrollments/" + text(second, "id") + "/confirm", confirm)
                 .starts_with("200 "));

  // A suspended user's login is worth nothing.
  BOOST_TEST(daemon.cli({"user", "suspend", "norbert"}).exit_code == 0);
  BOOST_TEST(house.as(nobody, "GET", "/v1/users/norbert").starts_with("403 "));
}

BOOST_AUTO_TEST_CASE(T12_roles_come_through_the_login) {
  const OpenHouse house;
  add_user(house.daemon, "alice");
  add_user(house.daemon, "norbert");
  const Phone phone = enroll_totp(house.daemon, "alice");
  const auto role = [&](const char* name) {
    BOOST_TEST(house.daemon.cli({"user", "set", "norbert", "--login", "nobody", "--role", name})
                   .exit_code == 0);
  };
  const auto may = [&](const std::string& method, const std::string& target,
                       const std::string& body = {}) {
    return house.as(nobody, method, target, body).starts_with("200 ");
  };
  const std::string rename = "/v1/authenticators/" + phone.id;
  role("user");
  BOOST_TEST((!may("GET", "/v1/users") && !may("GET", "/v1/audit/events") &&
              !may("POST", "/v1/users", R"({"name":"x1"})")));
  role("helpdesk");
  BOOST_TEST((may("GET", "/v1/users") && may("POST", "/v1/users/alice/reopen") &&
              may("PATCH", rename, R"({"label":"a"})") && may("GET", "/v1/coverage")));
  BOOST_TEST((!may("GET", "/v1/audit/events") && !may("POST", "/v1/users", R"({"name":"x2"})") &&
              !may("POST", "/v1/keys/rotate")));
  BOOST_TEST(!may("POST", "/v1/verifications", verification("alice", "000000")));
  role("auditor");
  BOOST_TEST((may("GET", "/v1/audit/events") && may("GET", "/v1/audit/verification")));
  BOOST_TEST((!may("GET", "/v1/users") && !may("POST", "/v1/audit/prune", R"({"through":1})")));
  role("admin");
  BOOST_TEST((may("POST", "/v1/users", R"({"name":"x3"})") && may("GET", "/v1/audit/events") &&
              may("POST", "/v1/keys/rotate")));
  role("user");
  BOOST_TEST(!may("POST", "/v1/users", R"({"name":"x4"})"));
}

BOOST_AUTO_TEST_CASE(T12_T47_a_verifier_is_confined_to_its_services) {
  const OpenHouse house(
      "[[verifier]]\nname = \"web\"\nuser = 12345\nservices = [\"web\", \"mail\"]\n");
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const auto asked = [&](uid_t uid, const std::string& code, const std::string& service) {
    return house.as(uid, "POST", "/v1/verifications", verification("alice", code, service));
  };
  const std::string code = fresh_code(daemon, phone);
  BOOST_TEST(asked(stranger, code, "sudo").starts_with("403 "));
  BOOST_TEST(asked(stranger, code, "").starts_with("403 "));
  BOOST_TEST(asked(nobody, code, "web").starts_with("403 "));
  BOOST_TEST(asked(stranger, code, "web").find("\"verified\"") != std::string::npos);
  BOOST_TEST(asked(stranger, code, "mail").find("\"used-code\"") !=
             std::string::npos);  // a verifier is told why
  BOOST_TEST(house.as(stranger, "GET", "/v1/users/alice").starts_with("403 "));
  BOOST_TEST(house.as(stranger, "POST", "/v1/enrollments", R"({"user":"alice","kind":"totp"})")
                 .starts_with("403 "));
  BOOST_TEST(daemon.cli({"audit", "list", "--last", "2"}).out.find("\"service\":\"mail\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(T13_clients_that_die_in_every_phase_leave_nothing) {
  const OpenHouse house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const auto backup = enroll_backup_codes(daemon, "alice");
  (void)ask(daemon, "GET", "/v1/status");
  const std::size_t before = descriptors_of(daemon.pid()).size();
  const std::string whole =
      request("POST", "/v1/verifications", verification("alice", wrong_code(daemon, phone)));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Socket socket(daemon.socket());
    (void)socket.send(std::string_view(whole).substr(0, size));
  }
  // Nor is one whose body is all there but for the last octets that its head speaks of.
  const std::string code = fresh_code(daemon, phone);
  const std::string body = verification("alice", code);
  for (const std::string& cut :
       {"Content-Length: " + std::to_string(body.size() + 1) + "\r\n\r\n" + body,
        "Transfer-Encoding: chunked\r\n\r\n" + fmt::format("{:x}", body.size()) + "\r\n" + body +
            "\r\n"}) {
    const Socket socket(daemon.socket());
    (void)socket.send("POST /v1/verifications HTTP/1.1\r\nHost: x\r\n" + cut);
    (void)shutdown(socket.fd(), SHUT_WR);
    BOOST_TEST(socket.receive_all().find("\"verified\"") == std::string::npos);
  }
  BOOST_TEST(verdict(daemon, "alice", code) == "verified");  // half a request is no guess

  // Gone while the answer is being made: slow ones, many at once, each code is used all the same.
  for (int i = 0; i < 5; ++i) {
    const Socket socket(daemon.socket());
    (void)socket.send(request("POST", "/v1/verifications",
                              verification("alice", backup[static_cast<std::size_t>(i)])));
  }
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(verdict(daemon, "alice", backup[static_cast<std::size_t>(i)]) == "used-code");

  // As another uid, too: never an accept, never more rights.
  for (int i = 0; i < 20; ++i)
    (void)as_uid(stranger, [&] {
      const Socket socket(daemon.socket());
      (void)socket.send(request("POST", "/v1/users", R"({"name":"mallory"})"));
      return std::string();
    });
  BOOST_TEST(daemon.call("GET", "/v1/users/mallory").status == 404);
  BOOST_TEST(descriptors_return_to(house, before));
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_CASE(T13_random_bytes_are_refused_or_dropped) {
  const OpenHouse house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  std::mt19937 random(13);
  const std::string good = request("POST", "/v1/verifications", verification("alice", "123456"));
  for (int i = 0; i < 1000; ++i) {
    std::string bytes;
    if (i % 2 == 0) {
      bytes.resize(random() % 2000);
      for (char& c : bytes) c = static_cast<char>(random());
    } else {
      bytes = good;
      for (int edits = 0; edits < 4; ++edits)
        bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const Socket socket(daemon.socket());
    (void)socket.send(bytes);
    (void)shutdown(socket.fd(), SHUT_WR);
    const std::string answer = socket.receive_all();
    BOOST_TEST((answer.empty() || answer.starts_with("HTTP/1.1 ")), i << ": " << answer);
    BOOST_TEST(answer.find("\"verified\"") == std::string::npos);
  }
  for (const char* smuggled :
       {"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: "
        "3\r\n\r\n{}x",
        "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET /v1/users/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /v1/users/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /v1/status?a=1&a=2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}) {
    const Socket socket(daemon.socket());
    (void)socket.send(smuggled);
    (void)shutdown(socket.fd(), SHUT_WR);
    const std::string answer = socket.receive_all();
    BOOST_TEST((answer.starts_with("HTTP/1.1 4") || answer.empty()), smuggled << answer);
  }
  BOOST_TEST(daemon.cli({"status"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(T14_one_uid_holds_no_more_than_its_share_and_root_gets_in) {
  const OpenHouse house(
      "[limits]\nconnections = 600\nconnections_per_uid = 250\nreserved_for_root = 16\n"
      "reserved_for_verifiers = 20\n[[verifier]]\nname = \"web\"\nuser = 12350\nservices = "
      "[\"web\"]\n");
  const auto& daemon = house.daemon;
  (void)ask(daemon, "GET", "/v1/status");
  const std::size_t descriptors = descriptors_of(daemon.pid()).size();
  const long before = status_kib(daemon.pid(), "VmRSS");
  // Three uids and a verifier take all there is for them, each trying 1000, and hold it until this
  // test has looked.
  std::vector<pid_t> hoarders;
  int ready[2];
  BOOST_REQUIRE(pipe(ready) == 0);
  constexpr uid_t verifier = 12350;
  for (const uid_t uid : {stranger, stranger + 1, stranger + 2, verifier}) {
    const pid_t child = fork();
    if (child == 0) {
      if (become(uid) != 0) _exit(1);
      std::vector<Socket> held;
      int served = 0;
      try {
        for (int i = 0; i < 1000; ++i) {
          held.emplace_back(daemon.socket());
          // An answer shows that the daemon has decided about this one.
          (void)held.back().send(request("GET", "/v1/status"));
          char first[12];
          if (recv(held.back().fd(), first, sizeof first, MSG_WAITALL) == 12 &&
              std::string_view(first, 12) == "HTTP/1.1 200")
            ++served;
        }
      } catch (const std::exception&) {
        served = -1;
      }
      (void)!write(ready[1], &served, sizeof served);
      pause();
    }
    int served = 0;
    BOOST_REQUIRE(read(ready[0], &served, sizeof served) == sizeof served);
    const int left = uid == verifier ? 20 : 600 - 16 - 20 - 500;
    BOOST_TEST(served == (uid < stranger + 2 ? 250 : left), "uid " << uid << " holds " << served);
    hoarders.push_back(child);
  }
  BOOST_TEST(house.as(stranger + 3, "GET", "/v1/status").starts_with("503 "));
  BOOST_TEST(daemon.cli({"status"}).exit_code == 0);  // root
  BOOST_TEST(status_kib(daemon.pid(), "VmRSS") - before < 64 * 1024);
  for (const pid_t child : hoarders) {
    (void)kill(child, SIGKILL);
    (void)waitpid(child, nullptr, 0);
  }
  close(ready[0]);
  close(ready[1]);
  BOOST_TEST(descriptors_return_to(house, descriptors));
  std::string answer;
  for (int tries = 0; tries < 500 && !answer.starts_with("200 "); ++tries)
    answer = house.as(stranger + 3, "GET", "/v1/status");
  BOOST_TEST(answer.starts_with("200 "), answer);
}

BOOST_AUTO_TEST_CASE(T14_slow_bytes_are_cut_off_and_large_bodies_refused) {
  const OpenHouse house("[limits]\nrequest_seconds = 1\n");
  const auto& daemon = house.daemon;
  // A byte now and then never makes a request: the clock runs from its first byte.
  const Socket slow(daemon.socket());
  const std::string whole = request("GET", "/v1/status");
  bool gone = false;
  for (std::size_t sent = 0; !gone && sent < whole.size(); ++sent) {
    if (!slow.send(whole.substr(sent, 1)))
      gone = true;
    else
      gone = slow.closed_within(1);
  }
  BOOST_TEST(gone);

  const std::string mebibyte(1 << 20, 'x');
  const std::string refused = house.as(stranger, "POST", "/v1/verifications",
                                       R"({"user":")" + mebibyte + R"(","code":"123456"})");
  BOOST_TEST(refused.starts_with("413 "), refused);
  const std::string chunked = as_uid(stranger, [&] {
    const Socket socket(daemon.socket());
    if (socket.send(
            "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"))
      for (int i = 0; i < 64 && socket.send("4000\r\n" + std::string(0x4000, 'x') + "\r\n"); ++i) {
      }
    return socket.receive_all(5);
  });
  BOOST_TEST((chunked.empty() || chunked.starts_with("HTTP/1.1 413")), chunked);
  // Root's body may be larger, its fields not.
  BOOST_TEST(
      daemon.call("POST", "/v1/verifications", R"({"user":")" + mebibyte + R"(","code":"123456"})")
          .status == 400);
  const std::string header = as_uid(stranger, [&] {
    const Socket socket(daemon.socket());
    (void)socket.send("GET /v1/status HTTP/1.1\r\nHost: " + std::string(100'000, 'x'));
    return socket.receive_all(5);
  });
  BOOST_TEST((header.empty() || header.starts_with("HTTP/1.1 413")), header.substr(0, 100));
  BOOST_TEST(daemon.cli({"status"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(T21_ten_thousand_verifications_leave_no_trace_in_memory,
                     *boost::unit_test::enable_if<!countersign::built_with_sanitizer>()) {
  const OpenHouse house;
  const auto& daemon = house.daemon;
  constexpr int people = 4;
  constexpr int warm_up = 1000;
  constexpr int measured = 2500;
  struct Person {
    std::string name;
    std::vector<std::string> codes;
    client::Client connection;
    int next = 0;
  };
  std::vector<Person> persons;
  for (int i = 0; i < people; ++i) {
    const std::string name = "user" + std::to_string(i);
    add_user(daemon, name);
    const Phone token = enroll_hotp(daemon, name);
    std::istringstream printed(
        tool({"oathtool", "--hotp", "-b", "-w", std::to_string(warm_up + measured), token.secret}));
    std::vector<std::string> codes;
    for (std::string code; printed >> code;) codes.push_back(code);
    persons.push_back({name, std::move(codes), *client::Client::connect(daemon.socket())});
  }
  const auto verify_many = [&](int count) {
    std::atomic<int> verified = 0;
    std::vector<std::jthread> threads;
    for (Person& person : persons)
      threads.emplace_back([&] {
        for (int i = 0; i < count; ++i) {
          const std::string& code = person.codes.at(static_cast<std::size_t>(person.next++));
          const auto answer =
              person.connection.call("POST", "/v1/verifications", verification(person.name, code),
                                     Deadline::in(std::chrono::seconds(60)));
          if (answer && answer->body.find("\"verified\"") != std::string::npos) ++verified;
        }
      });
    threads.clear();
    return verified.load();
  };
  // Warm is a daemon whose caches are full: the database's holds 16 MiB of pages, whatever they
  // are.
  import_stock(daemon, 130'000);
  BOOST_TEST(verify_many(warm_up) == people * warm_up);
  const std::size_t descriptors = descriptors_of(daemon.pid()).size();
  const long rss = status_kib(daemon.pid(), "VmRSS");
  BOOST_TEST(verify_many(measured) == people * measured);
  BOOST_TEST(descriptors_of(daemon.pid()).size() <= descriptors);
  const long growth = status_kib(daemon.pid(), "VmRSS") - rss;
  BOOST_TEST_MESSAGE("grown by " << growth << " KiB");
  BOOST_TEST(growth < 1024);
}

BOOST_AUTO_TEST_CASE(T21_every_descriptor_is_close_on_exec) {
  const OpenHouse house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Socket held(daemon.socket());
  (void)held.send("GET ");
  (void)ask(daemon, "GET", "/v1/users");
  int looked_at = 0;
  for (const std::string& fd : descriptors_of(daemon.pid())) {
    if (std::stoi(fd) <= 2) continue;
    std::ifstream in("/proc/" + std::to_string(daemon.pid()) + "/fdinfo/" + fd);
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("flags:")) {
        ++looked_at;
        std::error_code error;
        BOOST_TEST(
            (std::stoul(line.substr(6), nullptr, 8) & 02000000UL) != 0,
            fd << " "
               << fs::read_symlink("/proc/" + std::to_string(daemon.pid()) + "/fd/" + fd, error));
      }
  }
  BOOST_TEST(looked_at > 8);
}

BOOST_AUTO_TEST_CASE(T15_the_cli_tells_nothing_to_a_socket_of_somebody_else) {
  const TemporaryFolder folder;
  (void)chmod(folder.path().c_str(), 0777);
  const std::string path = folder / "trap";
  int heard[2];
  BOOST_REQUIRE(pipe(heard) == 0);
  const pid_t trap = fork();
  if (trap == 0) {
    if (become(stranger) != 0) _exit(1);
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{.sun_family = AF_UNIX};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    (void)bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    (void)listen(listening, 4);
    (void)!write(heard[1], "r", 1);
    const int caller = accept(listening, nullptr, nullptr);
    char first = 'n';
    const ssize_t count = recv(caller, &first, 1, 0);
    (void)!write(heard[1], count > 0 ? "y" : "n", 1);
    _exit(0);
  }
  char said = 0;
  BOOST_REQUIRE((read(heard[0], &said, 1) == 1 && said == 'r'));
  const Ran refused = run(
      {program("countersign"), "--socket", path, "verify", "--user", "alice", "--code", "123456"});
  BOOST_TEST(refused.exit_code == 5);
  BOOST_TEST(refused.err.find("12345") != std::string::npos, refused.err);
  BOOST_REQUIRE(read(heard[0], &said, 1) == 1);
  BOOST_TEST(said == 'n');
  (void)waitpid(trap, nullptr, 0);
  close(heard[0]);
  close(heard[1]);
}

BOOST_AUTO_TEST_SUITE_END()
