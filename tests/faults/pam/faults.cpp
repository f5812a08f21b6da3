// SPDX-License-Identifier: Apache-2.0
// T16: each libc and system call of pam_countersign.so fails, alone and with all that follow. The
// daemon at the other end says yes.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "tests/faults/pam/canned_daemon.h"
#include "tests/support/daemon_process.h"

using namespace countersign::test;

namespace {

// What pam-host ends with. PAM's numbers; the stack below turns PAM_IGNORE into one that the module
// never gives.
constexpr int success = 0;
constexpr int ignored = 17;  // PAM_CRED_ERR

struct Scenario {
  std::string name, operation = "authenticate", options;
  std::vector<std::string> answers;
  int honest = success;  // without a fault
  std::string decision = "verify", because = "factor", factors = R"("fido2","totp")";
  std::map<std::string, std::string> host = {};  // environment of pam-host
  bool stands_aside = false;                     // without an answer of the daemon
};

const std::map<std::string, std::string> with_key = {
    {"HOST_AUTH_INFO", "publickey ssh-ed25519 AAAA"}};
const std::map<std::string, std::string> from_afar = {{"HOST_RHOST", "192.0.2.7"}};

const std::vector<Scenario> scenarios = {
    {.name = "a code", .options = "debug", .answers = {"123456"}},
    {.name = "a code with failmode=allow", .options = "failmode=allow", .answers = {"123456"}},
    {.name = "a key with a PIN", .options = "", .answers = {"", "4711"}},
    {.name = "a code that is sent",
     .options = "first=passed",
     .answers = {"", "123456"},
     .factors = R"("sms")"},
    {.name = "password and code in one field",
     .options = "try_first_pass",
     .answers = {"hunter2123456"}},
    {.name = "enrolment",
     .options = "first=passed",
     .answers = {"123456"},
     .decision = "enroll",
     .because = "no-factor"},
    {.name = "let through",
     .options = "",
     .answers = {},
     .honest = ignored,
     .decision = "allow",
     .because = "policy-off"},
    {.name = "let through by a public key",
     .options = "first=publickey",
     .answers = {},
     .decision = "allow",
     .because = "policy-off",
     .host = with_key},
    {.name = "no enrolment",
     .options = "",
     .answers = {"123456"},
     .honest = 7,
     .decision = "enroll",
     .because = "no-factor"},
    {.name = "denied",
     .options = "",
     .answers = {"123456"},
     .honest = 7,
     .decision = "deny",
     .because = "unknown-user"},
    {.name = "an account",
     .operation = "account",
     .options = "",
     .answers = {},
     .honest = 7,
     .stands_aside = true},
    {.name = "an account from afar",
     .operation = "account",
     .options = "failmode=allow",
     .answers = {},
     .honest = 7,
     .host = from_afar},
};

// The calls that talk to the daemon. In the account phase their failure keeps no local user out.
const std::set<std::string> of_the_daemon = {"lstat",      "socket", "setsockopt", "connect",
                                             "getsockopt", "send",   "poll",       "recv"};

class Bench {
 public:
  Bench() : daemon_(folder_ / "socket") {}

  void play(const Scenario& scenario) {
    scenario_ = &scenario;
    daemon_.decide(scenario.decision, scenario.because,
                   scenario.decision == "verify" ? scenario.factors : "");
    const std::string type = scenario.operation == "account" ? "account" : "auth";
    // Success goes to the third line, ignore to the fourth; all else ends with what the module
    // gave.
    std::ofstream(folder_ / "test")
        << type << " [success=1 ignore=2 default=die] " << module_
        << " socket=" << folder_ / "socket" << " timeout=2 " << scenario.options << "\n"
        << type << " requisite pam_deny.so\n"
        << type << " sufficient pam_permit.so\n"
        << type << " requisite pam_debug.so auth=cred_err acct=cred_err\n";
  }

  struct Outcome {
    int result = -1;
    int calls = 0;
    std::string failed;
  };
  Outcome once(const std::map<std::string, std::string>& faults) {
    const std::string report = folder_ / "report";
    (void)unlink(report.c_str());
    const pid_t child = fork();
    if (child == 0) {
      for (const auto& [name, value] : scenario_->host)
        (void)setenv(name.c_str(), value.c_str(), 1);
      for (const auto& [name, value] : faults) (void)setenv(name.c_str(), value.c_str(), 1);
      (void)setenv("FAULT_REPORT", report.c_str(), 1);
      (void)setenv("LD_PRELOAD", shim_.c_str(), 1);
      std::vector<std::string> words = {host_, folder_.path(), "test", "nobody",
                                        scenario_->operation};
      words.insert(words.end(), scenario_->answers.begin(), scenario_->answers.end());
      std::vector<char*> raw;
      for (std::string& word : words) raw.push_back(word.data());
      raw.push_back(nullptr);
      (void)!freopen("/dev/null", "w", stderr);
      (void)alarm(60);
      (void)execv(host_.c_str(), raw.data());
      _exit(99);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    Outcome outcome{.result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                    .calls = 0,
                    .failed = {}};
    std::ifstream(report) >> outcome.calls >> outcome.failed;
    return outcome;
  }

 private:
  TemporaryFolder folder_;
  CannedDaemon daemon_;
  std::string module_ = program("../lib/pam_countersign.so"), host_ = program("pam-host"),
              shim_ = program("../lib/libpam-fault-shim.so");
  const Scenario* scenario_ = nullptr;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pam_faults)

BOOST_AUTO_TEST_CASE(T16_no_failing_call_lets_anybody_in) {
  Bench bench;
  int injected = 0;
  std::map<std::string, int> by_call;
  for (const Scenario& scenario : scenarios) {
    bench.play(scenario);
    const auto honest = bench.once({});
    BOOST_TEST(honest.result == scenario.honest,
               scenario.name << " without a fault: " << honest.result);
    BOOST_TEST(honest.calls > 20);
    for (const std::string stays : {"0", "1"})
      for (int at = 1; at <= honest.calls; ++at) {
        const auto outcome = bench.once({{"FAULT_AT", std::to_string(at)}, {"FAULT_STAYS", stays}});
        const bool aside = scenario.stands_aside && of_the_daemon.contains(outcome.failed);
        BOOST_TEST((outcome.result != success && (outcome.result != ignored || aside) &&
                    outcome.result != 99),
                   scenario.name << ", call " << at << " (" << outcome.failed
                                 << ") fails, stays=" << stays << ": " << outcome.result);
        BOOST_TEST(outcome.result < 128, scenario.name << ", call " << at << " (" << outcome.failed
                                                       << ") fails, stays=" << stays
                                                       << ": killed by " << outcome.result - 128);
        ++injected;
        ++by_call[outcome.failed];
      }
  }
  std::string list;
  for (const auto& [call, count] : by_call) list += " " + call + ":" + std::to_string(count);
  BOOST_TEST_MESSAGE("T16: " << injected << " faults injected, never PAM_SUCCESS, never PAM_IGNORE;"
                             << list);
  BOOST_TEST(injected > 1000);
}

// What may fail without harm: messages that get lost, memory that is not locked, a file that does
// not close.
BOOST_AUTO_TEST_CASE(T16_what_may_fail_without_harm_changes_no_answer) {
  Bench bench;
  int injected = 0;
  for (const Scenario& scenario : scenarios) {
    bench.play(scenario);
    const auto honest = bench.once({{"FAULT_CLASS", "soft"}});
    for (const std::string stays : {"0", "1"})
      for (int at = 1; at <= honest.calls; ++at) {
        const auto outcome = bench.once(
            {{"FAULT_CLASS", "soft"}, {"FAULT_AT", std::to_string(at)}, {"FAULT_STAYS", stays}});
        BOOST_TEST(outcome.result == scenario.honest,
                   scenario.name << ", call " << at << " (" << outcome.failed
                                 << ") fails, stays=" << stays << ": " << outcome.result);
        ++injected;
      }
  }
  BOOST_TEST_MESSAGE("T16: " << injected << " faults that may be passed over");
  BOOST_TEST(injected > 100);
}

// T19: failmode=allow acts on a refused connection, and on no other error that looks like it.
BOOST_AUTO_TEST_CASE(T19_only_a_refused_connection_opens) {
  Bench bench;
  const Scenario scenario{
      .name = "failmode=allow", .options = "failmode=allow", .answers = {"123456"}};
  bench.play(scenario);
  const int calls = bench.once({}).calls;
  std::set<std::string> opened;
  for (const int error : {ECONNREFUSED, ENOENT, EAGAIN, ETIMEDOUT, EACCES, EPERM, EMFILE, ENOMEM,
                          EIO, EPIPE, ECONNRESET}) {
    std::set<std::string> tried;
    for (int at = 1; at <= calls; ++at) {
      const auto outcome =
          bench.once({{"FAULT_AT", std::to_string(at)}, {"FAULT_ERRNO", std::to_string(error)}});
      if (outcome.failed == "send") break;  // from here on it stands
      BOOST_TEST(outcome.result != success, outcome.failed << " fails with " << strerror(error));
      tried.insert(outcome.failed);
      if (outcome.result == ignored) opened.insert(outcome.failed + ": " + strerror(error));
    }
    BOOST_TEST(tried.contains("connect"));
  }
  const std::set<std::string> gone = {"connect: Connection refused",
                                      "connect: No such file or directory",
                                      "lstat: No such file or directory"};
  BOOST_TEST(opened == gone, boost::test_tools::per_element());
}

// An application that says PAM_SUCCESS and brings no answer (CVE-2021-31924 was such a NULL).
BOOST_AUTO_TEST_CASE(T17_an_answer_that_is_not_there_is_none) {
  Bench bench;
  int questions = 0;
  for (const Scenario& scenario : scenarios) {
    if (scenario.honest != success) continue;
    bench.play(scenario);
    for (int at = 1, calls = bench.once({}).calls; at <= calls; ++at) {
      const auto outcome =
          bench.once({{"FAULT_AT", std::to_string(at)}, {"FAULT_ERRNO", std::to_string(ENODATA)}});
      if (outcome.failed != "pam_prompt") continue;
      ++questions;
      BOOST_TEST((outcome.result != success && outcome.result != ignored && outcome.result < 128),
                 scenario.name << ": " << outcome.result);
    }
  }
  BOOST_TEST(questions >= 4);
}

BOOST_AUTO_TEST_SUITE_END()
