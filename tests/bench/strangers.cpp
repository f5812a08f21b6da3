// SPDX-License-Identifier: Apache-2.0
// P16: how long others wait while one uid takes all that it may of whatever is shared (T14, T54,
// T55): connections, pending places, workers, the record. Its processes have SCHED_IDLE, so that
// what is measured is what it takes of the daemon, and not of the processors.
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "core/factors/hotp.h"
#include "tests/bench/figure.h"
#include "tests/bench/measure.h"
#include "tests/bench/pam_loop.h"
#include "tests/e2e/support/busy.h"

namespace countersign::bench {
namespace {

using test::Busy;
using test::House;
using test::Phone;
using Times = std::vector<double>;  // milliseconds

constexpr uid_t stranger = 65534;  // nobody
constexpr uid_t web = 12346;
constexpr int logins = 60;
constexpr std::size_t idle_connections = 220;  // of 256; the rest is for what else it does
constexpr const char* config = "[[verifier]]\nname = \"web\"\nuser = 12346\nservices = [\"web\"]\n";

void must(bool done, const std::string& what) {
  if (!done) throw std::runtime_error("strangers: " + what);
}

void append(Times& to, const Times& more) { to.insert(to.end(), more.begin(), more.end()); }

// One of those who want to be served meanwhile, with codes that are never used twice.
struct Person {
  std::string name;
  Phone phone;
  std::int64_t counter = 1;  // the enrolment took one

  std::string next_code() {
    const auto secret = test::base32_decode(phone.secret);
    return hotp::code_at({}, Secret(Bytes(secret.begin(), secret.end())), counter++);
  }
};

class Scene {
 public:
  Scene() : house_(config) {
    for (const std::string& path : {house_.folder.path(), stacks_.path()})
      (void)chmod(path.c_str(), 0755);
    const passwd* games = getpwnam("games");
    must(games != nullptr && getpwuid(stranger) != nullptr,
         "this system has no accounts games and nobody");
    games_ = games->pw_uid;
    for (auto& [name, login] :
         {std::pair("norbert", "nobody"), {"ann", "games"}, {"rita", "root"}, {"bob", ""}}) {
      test::add_user(house_.daemon, name);
      if (*login != '\0') (void)house_.daemon.cli({"user", "set", name, "--login", login});
    }
    for (Person* person : {&ann_, &rita_, &bob_})
      person->phone = test::enroll_hotp(house_.daemon, person->name);
    must(house_.daemon.cli({"policy", "set", "staff", "--mode", "required", "--yes", "--recovery"})
                 .exit_code == 0,
         "no policy");
    write_stack(stacks_.path(),
                test::program("../lib/pam_countersign.so") + " socket=" + house_.daemon.socket());
  }

  void take_everything() {
    const auto& daemon = house_.daemon;
    const auto post = [&](const std::string& path, const std::string& body) {
      return [&daemon, path, body] { (void)daemon.call("POST", path, body); };
    };
    add([&daemon] { hold_connections(daemon.socket()); });
    add(post("/v1/sign-ins", R"({"user":"norbert","service":"x","primary":"none"})"));
    add(post("/v1/webauthn/authentications/zzzz", bogus_assertion));
    for (int i = 0; i < 8; ++i)
      add(post("/v1/verifications", test::verification("norbert", "0000-0000-0000-0000")));
    for (int i = 0; i < 8; ++i) add([&daemon] { (void)daemon.call("GET", "/v1/users/norbert"); });
    for (int i = 0; i < 8; ++i)
      add([&daemon] { (void)daemon.call("GET", "/v1/authenticators?user=norbert"); });
  }
  void give_back() { busy_.clear(); }

  Times root_logs_in() {
    Times times;
    for (int i = 0; i < logins; ++i)
      times.push_back(
          timed([&, code = rita_.next_code()] { return logs_in(stacks_.path(), "root", code); }));
    return times;
  }
  Times verifier_asks() { return verifications(web, bob_, "web"); }
  Times user_verifies() { return verifications(games_, ann_, ""); }

  [[nodiscard]] std::int64_t peak_kib() const {
    std::ifstream status(fmt::format("/proc/{}/status", house_.daemon.pid()));
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
    return 0;
  }

 private:
  static constexpr const char* bogus_assertion =
      R"({"service":"x","credential":{"id":"AAAA","rawId":"AAAA","type":"public-key","response":)"
      R"({"clientDataJSON":"AAAA","authenticatorData":"AAAA","signature":"AAAA"},"clientExtensionResults":{}}})";

  static double timed(auto&& act) {
    const double begin = seconds();
    must(act(), "somebody was not let in");
    return (seconds() - begin) * 1000;
  }

  // Half a request each, again and again: the daemon closes them after a while.
  static void hold_connections(const std::string& socket) {
    std::vector<test::Socket> held;
    for (std::size_t i = 0; i < idle_connections; ++i) {
      held.emplace_back(socket);
      (void)held.back().send(
          "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{");
    }
    sleep(2);
  }

  void add(const std::function<void()>& act) {
    busy_.push_back(std::make_unique<Busy>(stranger, act, test::Pace::idle));
  }

  Times verifications(uid_t uid, Person& person, const std::string& service) {
    std::vector<std::string> bodies;
    for (int i = 0; i < logins; ++i)
      bodies.push_back(test::verification(person.name, person.next_code(), service));
    const std::string told = test::as_uid(uid, [&] {
      std::string text;
      for (const std::string& body : bodies)
        text += fmt::format("{} ", timed([&] {
                              return house_.daemon.call("POST", "/v1/verifications", body)
                                  .body.contains("\"verified\"");
                            }));
      return text;
    });
    std::istringstream in(told);
    Times times;
    for (double each = 0; in >> each;) times.push_back(each);
    must(times.size() == logins, told);
    return times;
  }

  House house_;
  test::TemporaryFolder stacks_;
  uid_t games_ = 0;
  Person ann_{.name = "ann", .phone = {}}, rita_{.name = "rita", .phone = {}},
      bob_{.name = "bob", .phone = {}};
  std::vector<std::unique_ptr<Busy>> busy_;
};

}  // namespace

void measure_strangers(const Wanted& wanted, Figures& out) {
  if (!wanted("P16")) return;
  must(geteuid() == 0, "needs root");
  Scene scene;
  struct Row {
    std::string who;
    std::function<Times()> times;
    Times quiet = {}, loaded = {};
  };
  std::vector<Row> rows;
  rows.push_back({"root logs in by PAM", [&] { return scene.root_logs_in(); }});
  rows.push_back({"a verifier asks about a user", [&] { return scene.verifier_asks(); }});
  rows.push_back({"another user verifies", [&] { return scene.user_verifies(); }});
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) append(row.quiet, row.times());
    scene.take_everything();
    sleep(3);  // until all is taken
    for (Row& row : rows) append(row.loaded, row.times());
    scene.give_back();
  }
  for (const Row& row : rows)
    out.push_back(
        make_figure("P16", median(row.loaded), "ms", median(row.quiet), Goal::at_most, 2,
                    fmt::format("{} while one uid takes all it may; p95 {:.2f} ms over {:.2f} ms",
                                row.who, quantile(row.loaded, 0.95), quantile(row.quiet, 0.95))));
  out.push_back(make_figure("P16", static_cast<double>(scene.peak_kib()) / 1024, "MiB", 1024,
                            Goal::at_most, 0.5,
                            "the daemon's peak memory meanwhile, over its MemoryMax"));
}

}  // namespace countersign::bench
