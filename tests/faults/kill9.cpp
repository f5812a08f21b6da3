// SPDX-License-Identifier: Apache-2.0
// T03: SIGKILL at any moment loses no acknowledged enrolment and reopens no code. A real production
// store under load, killed and started again; after each start the daemon is held to the ledger of
// what it had acknowledged. Usage: kill9 [--cycles N]
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "core/encoding/base32.h"
#include "core/factors/hotp.h"
#include "daemon/api/audit.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/codec/encode.h"
#include "daemon/api/status.h"
#include "daemon/api/verification.h"
#include "tests/faults/ledger.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

namespace {

constexpr int load_connections = 4;
constexpr int digits = 8;  // so that one code is not by chance another's

// The daemon is gone: the cycle's end for a load connection.
struct Gone {};

std::int64_t step_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count() /
         30;
}

std::string code_of(const std::string& base32, std::int64_t step) {
  OathParameters oath;
  oath.digits = digits;
  return hotp::code_at(oath, formats::base32_decode(base32).value(), step);
}

struct Counts {
  std::atomic<std::uint64_t> requests, races, revocations, backup_codes, replays, shown, unanswered,
      early_kills;
};

class Connection {
 public:
  explicit Connection(const std::string& socket) : client_(client::Client::connect(socket)) {
    if (!client_) throw Gone();
  }

  // The answer of a 200; an empty text for any other status. Throws Gone.
  std::string call(const std::string& method, const std::string& target,
                   const std::string& body = {}) {
    auto answer = client_->call(method, target, body, Deadline::in(std::chrono::seconds(30)));
    if (!answer) throw Gone();
    if (answer->status == 500)
      throw std::runtime_error(method + " " + target + ": " + answer->body);
    return answer->status == 200 ? std::move(answer->body) : std::string();
  }
  template <class T>
  T get(const std::string& method, const std::string& target, const std::string& body = {}) {
    const std::string text = call(method, target, body);
    auto value = api::decode<T>(text);
    if (!value) throw std::runtime_error(method + " " + target + " answers '" + text + "'");
    return std::move(*value);
  }
  bool verify(const std::string& user, const std::string& code,
              std::string* authenticator = nullptr) {
    const api::VerifyRequest request{.user = user, .code = Secret(code), .service = "kill9"};
    const auto result = get<api::VerifyResult>("POST", "/v1/verifications", api::encode(request));
    if (authenticator != nullptr) *authenticator = result.authenticator;
    return result.verdict == "verified";
  }

 private:
  Result<client::Client> client_;
};

// One load connection: one thing after the other until the daemon is gone.
class Load {
 public:
  Load(Ledger& ledger, Counts& counts, std::string name, std::uint64_t seed)
      : ledger_(ledger), counts_(counts), name_(std::move(name)), random_(seed) {}

  void run(const std::string& socket) {
    std::optional<Connection> connection;
    try {
      connection.emplace(socket);
      while (true) {
        one(*connection);
        ++counts_.requests;
      }
    } catch (const Gone&) {
      if (connection) ++counts_.unanswered;
    }
  }

 private:
  void one(Connection& daemon) {
    const auto dice = random_() % 200;
    if (dice < 30)
      enrol(daemon, false);
    else if (dice < 60)
      enrol(daemon, true);
    else if (dice < 66)
      revoke(daemon);
    else
      verify(daemon);
  }

  std::string add_user(Connection& daemon) {
    const std::string user = fmt::format("{}-{}", name_, ++made_);
    (void)daemon.call("POST", "/v1/users", fmt::format(R"({{"name":"{}"}})", user));
    return user;
  }

  void enrol(Connection& daemon, bool confirm) {
    const std::string user = add_user(daemon);
    const auto begun = daemon.get<api::EnrollResult>(
        "POST", "/v1/enrollments",
        fmt::format(R"({{"user":"{}","kind":"totp","digits":8,"confirm":{}}})", user, confirm));
    Enrolment fresh{.id = begun.id,
                    .user = user,
                    .secret = std::string(begun.secret->expose_text()),
                    .codes = {}};
    if (confirm) {
      const std::int64_t step = step_now();
      const std::string code = code_of(fresh.secret, step);
      if (daemon
              .call("POST", "/v1/enrollments/" + begun.id + "/confirm",
                    fmt::format(R"({{"code":"{}"}})", code))
              .empty())
        return;
      fresh.next_step = step + 1;  // the first code is used up, and stays so
      ledger_.accepted({fresh.id, user, code, step});
    }
    ledger_.enrolled(std::move(fresh));
  }

  // A fresh code, or now and then one that another connection may be trying at this moment.
  void verify(Connection& daemon) {
    Accepted trying;
    const bool race = random_() % 4 == 0;
    ledger_.with_one(random_, [&](Enrolment& one) {
      if (one.secret.empty() || one.revoking) return;
      const std::int64_t now = step_now();
      const std::int64_t fresh = std::max(one.next_step, now - 1);
      if (fresh > now + 1 && !race) return;
      trying = {one.id, one.user, {}, race && one.next_step > 0 ? one.next_step - 1 : fresh};
      trying.code = code_of(one.secret, trying.step);
      one.next_step = std::max(one.next_step, trying.step + 1);
    });
    if (trying.id.empty()) return;
    if (race) ++counts_.races;
    std::string authenticator;
    if (daemon.verify(trying.user, trying.code, &authenticator) && authenticator == trying.id)
      ledger_.accepted(std::move(trying));
  }

  void revoke(Connection& daemon) {
    std::string id;
    ledger_.with_one(random_, [&](Enrolment& one) {
      if (!one.secret.empty() && !std::exchange(one.revoking, true)) id = one.id;
    });
    if (id.empty() ||
        daemon.call("PATCH", "/v1/authenticators/" + id, R"({"status":"revoked"})").empty())
      return;
    ++counts_.revocations;
    ledger_.with(id, [](Enrolment& one) { one.revoked = true; });
  }

  Ledger& ledger_;
  Counts& counts_;
  const std::string name_;
  std::mt19937_64 random_;
  int made_ = 0;
};

// Backup codes cost a scrypt each, longer than a cycle lasts: one is used now and then, just before
// the load begins.
Enrolment enrol_backup_codes(Connection& daemon) {
  (void)daemon.call("POST", "/v1/users", R"({"name":"paper"})");
  const auto made = daemon.get<api::EnrollResult>("POST", "/v1/enrollments",
                                                  R"({"user":"paper","kind":"backup-codes"})");
  Enrolment fresh{.id = made.id, .user = "paper", .secret = {}, .codes = {}};
  for (const Secret& code : made.codes.value()) fresh.codes.emplace_back(code.expose_text());
  return fresh;
}

void require(bool held, const std::string& what) {
  if (!held) throw std::runtime_error(what);
}

void require_status(const Enrolment& one, const api::AuthenticatorView& shown) {
  require(shown.user == one.user,
          fmt::format("authenticator {} belongs to '{}', not to {}", one.id, shown.user, one.user));
  const bool fits = one.revoked ? shown.status == Status::revoked
                                : one.revoking || shown.status == Status::active;
  require(fits, fmt::format("authenticator {} was acknowledged as {}, and is not", one.id,
                            one.revoked ? "revoked" : "active"));
}

// After each start: not taken for a restored copy, what was acknowledged last is there, and no used
// code is accepted.
void check_start(const std::string& socket, Ledger& ledger, Counts& counts,
                 std::mt19937_64& random) {
  Connection daemon(socket);
  require(daemon.get<api::StatusView>("GET", "/v1/status").state == "ready",
          "a mere kill made the store count as restored");
  const auto show = [&](const Enrolment& one) {
    const std::string text = daemon.call("GET", "/v1/authenticators/" + one.id);
    require(!text.empty(),
            fmt::format("enrolment {} of {} was acknowledged, and is lost", one.id, one.user));
    require_status(one, api::decode<api::AuthenticatorView>(text).value());
    ++counts.shown;
  };
  for (const Enrolment& one : ledger.take_enrolled()) ledger.with(one.id, show);
  for (int i = 0; i < 10; ++i) ledger.with_one(random, show);
  for (const Accepted& one : ledger.take_accepted()) {
    if (one.step != 0 && one.step < step_now() - 1) continue;  // its time is over anyhow
    require(!daemon.verify(one.user, one.code),
            fmt::format("code {} of {} was used, and is accepted again", one.code, one.user));
    ++counts.replays;
  }
}

void use_backup_code(Connection daemon, Enrolment& set, Ledger& ledger, Counts& counts) {
  if (set.codes.empty()) return;
  require(daemon.verify(set.user, set.codes.back()), "a fresh backup code is refused");
  ledger.accepted({set.id, set.user, set.codes.back(), 0});
  set.codes.pop_back();
  ++counts.backup_codes;
}

void check_chain(const std::string& socket) {
  const auto verdict = Connection(socket).get<api::AuditVerdict>("GET", "/v1/audit/verification");
  require(verdict.intact, "the audit chain: " + verdict.problem);
}

// Every enrolment ever acknowledged.
void check_all(const std::string& socket, const Ledger& ledger) {
  std::map<std::string, api::AuthenticatorView> there;
  Connection daemon(socket);
  for (std::string after; true;) {
    auto page = daemon.get<api::AuthenticatorPage>("GET", "/v1/authenticators?limit=1000" + after);
    for (auto& one : page.authenticators) there.emplace(one.id, std::move(one));
    if (!page.next) break;
    after = "&after=" + *page.next;
  }
  for (const Enrolment& one : ledger.all()) {
    const auto found = there.find(one.id);
    require(found != there.end(),
            fmt::format("enrolment {} of {} was acknowledged, and is lost", one.id, one.user));
    require_status(one, found->second);
  }
}

void run(int cycles, std::uint64_t seed) {
  const TemporaryFolder folder;
  std::mt19937_64 random(seed);
  Ledger ledger;
  Counts counts{};
  std::vector<Load> loads;
  for (int i = 0; i < load_connections; ++i)
    loads.emplace_back(ledger, counts, fmt::format("load{}", i), random());
  DaemonProcess daemon(
      {.state = folder / "state", .socket = folder / "api.sock", .demo = false, .more = {}});
  Connection first(daemon.socket());
  Enrolment paper = enrol_backup_codes(first);
  ledger.enrolled(paper);
  for (int cycle = 1; cycle <= cycles; ++cycle) {
    if (cycle % 50 == 1) use_backup_code(Connection(daemon.socket()), paper, ledger, counts);
    std::exception_ptr broken;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (Load& load : loads)
      threads.emplace_back([&] {
        try {
          load.run(daemon.socket());
        } catch (...) {
          const std::lock_guard lock(mutex);
          broken = std::current_exception();
        }
      });
    usleep(static_cast<useconds_t>(random() % 90'000));
    daemon.kill_now();
    for (std::thread& thread : threads) thread.join();
    if (broken) std::rethrow_exception(broken);
    if (random() % 10 == 0) {  // also while it is starting
      daemon.launch();
      usleep(static_cast<useconds_t>(random() % 12'000));
      daemon.kill_now();
      ++counts.early_kills;
    }
    daemon.start();
    check_start(daemon.socket(), ledger, counts, random);
    if (cycle % 25 == 0) check_chain(daemon.socket());
  }
  check_all(daemon.socket(), ledger);
  check_chain(daemon.socket());
  require(daemon.stop() == 0, "the daemon does not end well after all this");
  fmt::print(
      "{} kills, {} more while starting; {} requests by {} connections, {} cut off\n"
      "{} enrolments acknowledged, all there; {} codes accepted ({} of them backup codes), {} "
      "replayed after the kill, all refused;\n"
      "{} revocations, {} racing tries, {} enrolments looked up after a start; the audit chain "
      "verifies\n",
      cycles, counts.early_kills.load(), counts.requests.load(), load_connections,
      counts.unanswered.load(), ledger.all().size(), ledger.total_accepted(),
      counts.backup_codes.load(), counts.replays.load(), counts.revocations.load(),
      counts.races.load(), counts.shown.load());
}

}  // namespace

int main(int argc, char** argv) {
  const int cycles =
      argc == 3 && std::string_view(argv[1]) == "--cycles" ? std::atoi(argv[2]) : 500;
  const std::uint64_t seed = std::random_device()();
  try {
    run(cycles, seed);
  } catch (const std::exception& error) {
    fmt::print(stderr, "kill9 (seed {}): {}\n", seed, error.what());
    return 1;
  } catch (const Gone&) {
    fmt::print(stderr, "kill9 (seed {}): the daemon went away by itself\n", seed);
    return 1;
  }
}
