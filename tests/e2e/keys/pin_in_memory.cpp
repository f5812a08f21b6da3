// SPDX-License-Identifier: Apache-2.0
// T38: a PIN goes from a file through the command line and the daemon to the child that holds the
// token, and stays nowhere. Memory is searched as root sees it (/proc/PID/mem), all of it.
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "core/base/process_limits.h"
#include "tests/e2e/support/key_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign;
using namespace countersign::test;

namespace {

const std::string canary = "canary-7Qz4xW1m-pin";
const std::string label = "label-that-is-no-secret-K3";

// The CLI as a process that is waited for later, its events in a file.
class Tapping {
 public:
  Tapping(const KeyHouse& house, std::vector<std::string> words)
      : output_(house.folder / "events"), program_(command(house, std::move(words)), output_) {}
  [[nodiscard]] bool asked_for_a_touch() const {
    return becomes_true(
        [this] { return content_of(output_).find(R"("event":"touch")") != std::string::npos; },
        10'000);
  }
  [[nodiscard]] int wait() { return program_.wait(20); }
  [[nodiscard]] pid_t pid() const { return program_.pid(); }

 private:
  static std::vector<std::string> command(const KeyHouse& house, std::vector<std::string> words) {
    words.insert(words.begin(), {program("countersign"), "--socket", house.daemon.socket()});
    words.insert(words.end(),
                 {"--timeout", "20", "--json", "--events", "--pin-file", house.pin(canary)});
    return words;
  }
  std::string output_;
  Running program_;
};

// What authenticators and their clients make of it first: LEFT(SHA-256(PIN), 16) (CTAP 2.1
// §6.5.5.6).
std::string pin_hash() {
  return tool({"openssl", "dgst", "-sha256", "-binary"}, canary).substr(0, 16);
}

std::string joined(const std::vector<std::string>& places) {
  std::string all;
  for (const std::string& each : places) all += each + " ";
  return all;
}

void require_clean(pid_t pid, const std::string& who, const std::string& when) {
  BOOST_TEST_CONTEXT(who << ", " << when) {
    const auto pin = places_in_memory(pid, canary);
    BOOST_TEST(pin.empty(), "the PIN: " << joined(pin));
    const auto hash = places_in_memory(pid, pin_hash());
    BOOST_TEST(hash.empty(), "its hash: " << joined(hash));
  }
}

pid_t reader_of(const House& house) {
  const auto children = children_of(house.daemon.pid());
  const auto reader = std::ranges::find(children, "countersign-rea", name_of);
  if (reader == children.end()) throw std::runtime_error("the daemon has no reader");
  return *reader;
}

bool alive(pid_t pid) {
  return !name_of(pid).empty() &&
         access(("/proc/" + std::to_string(pid) + "/exe").c_str(), F_OK) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pin_in_memory,
                      *boost::unit_test::enable_if<!countersign::built_with_sanitizer>())

BOOST_AUTO_TEST_CASE(T38_a_pin_is_in_the_tokens_child_alone_and_ends_with_it) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0,
                        "needs root, to read the memory of processes that are not dumpable");
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key =
      house.plug("a", {"--profile", "pin", "--pin-file", house.pin(canary), "--touch", "manual"});
  const std::vector<std::vector<std::string>> operations = {
      {"enroll", "fido2", "--user", "alice", "--uv", "required", "--label", label},
      {"verify", "--tap", "--user", "alice", "--uv", "required"}};
  for (const auto& words : operations) BOOST_TEST_CONTEXT(words[0]) {
      Tapping tapping(house, words);
      BOOST_REQUIRE(tapping.asked_for_a_touch());
      const pid_t reader = reader_of(house);
      // The search finds what is there.
      BOOST_TEST(!places_in_memory(house.daemon.pid(), "alice").empty());
      BOOST_TEST(!places_in_memory(reader, "countersign-reader").empty());
      require_clean(house.daemon.pid(), "the daemon", "while the child works");
      require_clean(reader, "the reader", "while the child works");
      const auto children = children_of(reader);
      BOOST_TEST(children.size() >= 2U);  // one that watches, one for the token
      std::vector<pid_t> knowing;
      for (const pid_t child : children)
        if (!places_in_memory(child, canary).empty() ||
            !places_in_memory(child, pin_hash()).empty())
          knowing.push_back(child);
      BOOST_TEST(knowing.size() <= 1U);
      BOOST_TEST_MESSAGE(
          words[0] << ": children with a trace of the PIN while they wait for the touch: "
                   << knowing.size());
      key.control({"touch"});
      BOOST_TEST(tapping.wait() == 0);
      require_clean(house.daemon.pid(), "the daemon", "after");
      require_clean(reader, "the reader", "after");
      for (const pid_t child : knowing)
        BOOST_TEST(becomes_true([child] { return !alive(child); }), "the child is still there");
      for (const pid_t child : children_of(reader)) require_clean(child, "a child", "after");
    }
  BOOST_TEST(!places_in_memory(house.daemon.pid(), label)
                  .empty());  // what is no secret is there: it went the same way
}

BOOST_AUTO_TEST_CASE(T38_a_wrong_pin_stays_nowhere_either) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0,
                        "needs root, to read the memory of processes that are not dumpable");
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  const auto wrong = house.tap({"enroll", "fido2", "--user", "alice", "--uv", "required",
                                "--pin-file", house.pin(canary), "--timeout", "10"});
  BOOST_TEST(wrong.exit_code == 5);
  const pid_t reader = reader_of(house);
  require_clean(house.daemon.pid(), "the daemon", "after");
  require_clean(reader, "the reader", "after");
  BOOST_TEST(becomes_true([&] {
    return std::ranges::all_of(children_of(reader), [](pid_t child) {
      return !alive(child) || places_in_memory(child, canary).empty();
    });
  }));
}

// Of seeds, codes and passwords in requests nothing is left in memory that a core would have, once
// the answer is given.
BOOST_AUTO_TEST_CASE(T38_a_core_of_the_daemon_has_no_seed_and_no_code) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0,
                        "needs root, to read the memory of processes that are not dumpable");
  const House house;
  add_user(house.daemon, "alice");
  // Long, so that what is left of it is not overwritten by whatever is small.
  std::string seed;
  for (int i = 0; i < 5; ++i) seed += "K5QXG5DFMRZWKZLEONSWKZDTMVSWI43FMVSHGZLF";
  const std::string raw = base32_decode(seed);
  write_file(house.folder / "seed", seed + "\n");
  const Ran enrolled = house.daemon.cli({"enroll", "totp", "--user", "alice", "--secret-file",
                                         house.folder / "seed", "--no-confirm", "--label", label});
  BOOST_TEST(enrolled.exit_code == 0, enrolled.err);
  const std::string code = "48151623";
  BOOST_TEST(
      house.daemon.call("POST", "/v1/verifications", R"({"user":"alice","code":")" + code + "\"}")
          .status == 200);
  (void)ask(house.daemon, "GET", "/v1/status");
  BOOST_TEST(!places_in_core(house.daemon.pid(), label)
                  .empty());  // what is no secret is there: it went the same way
  // Their ends: the first octets of a block are overwritten when it is freed.
  for (const std::string& secret :
       {seed.substr(seed.size() - 40), raw.substr(raw.size() - 25), code}) {
    const auto places = places_in_core(house.daemon.pid(), secret);
    BOOST_TEST(places.empty(), secret << ": " << joined(places));
  }
}

// Two keys are there, and both have a child until it is known whose PIN is wanted.
BOOST_AUTO_TEST_CASE(T49_the_pin_of_one_token_is_in_the_child_of_that_one) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0,
                        "needs root, to read the memory of processes that are not dumpable");
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key =
      house.plug("a", {"--profile", "pin", "--pin-file", house.pin(canary), "--touch", "manual"});
  {
    Tapping enrolling(house, {"enroll", "fido2", "--user", "alice", "--uv", "required"});
    BOOST_REQUIRE(enrolling.asked_for_a_touch());
    key.control({"touch"});
    BOOST_TEST(enrolling.wait() == 0);
  }
  const SoftKey other =
      house.plug("b", {"--profile", "pin", "--pin-file", house.pin("1234"), "--touch", "manual"});
  Tapping tapping(house, {"verify", "--tap", "--user", "alice", "--uv", "required"});
  BOOST_REQUIRE(tapping.asked_for_a_touch());
  int knowing = 0;
  for (const pid_t child : children_of(reader_of(house)))
    if (!places_in_memory(child, canary).empty() || !places_in_memory(child, pin_hash()).empty())
      ++knowing;
  BOOST_TEST(knowing <= 1);
  key.control({"touch"});
  BOOST_TEST(tapping.wait() == 0);
}

// Of a process that is not dumpable the kernel gives even its own user nothing: its /proc files are
// root's.
BOOST_AUTO_TEST_CASE(T38_daemon_and_reader_leave_no_core_and_are_not_read_by_their_own_uid) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0, "needs root, to become another user");
  const TemporaryFolder folder;
  BOOST_REQUIRE(chown(folder.path().c_str(), 65'534, 65'534) == 0);
  const Running daemon({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                        program("countersignd"), "--demo", "--state", folder / "state", "--socket",
                        folder / "socket"},
                       folder / "log");
  BOOST_REQUIRE(
      becomes_true([&] { return access((folder / "socket").c_str(), F_OK) == 0; }, 20'000));
  const Socket socket(folder / "socket");
  (void)socket.send(request("GET", "/v1/devices"));  // starts the reader
  BOOST_TEST(becomes_true([&] { return !children_of(daemon.pid()).empty(); }),
             content_of(folder / "log"));
  std::vector<pid_t> all = children_of(daemon.pid());
  all.push_back(daemon.pid());
  for (const pid_t pid : all) {
    const std::string place = "/proc/" + std::to_string(pid);
    BOOST_TEST(becomes_true([&] {  // a process that was just started takes a moment
                 struct stat about{};
                 return stat((place + "/mem").c_str(), &about) == 0 && about.st_uid == 0;
               }),
               name_of(pid) << " is dumpable");
    std::ifstream limits(place + "/limits");
    std::string core;
    for (std::string line; std::getline(limits, line);)
      if (line.starts_with("Max core file size")) core = line;
    BOOST_TEST(core.find("0                    0") != std::string::npos, name_of(pid)
                                                                             << ": " << core);
  }
}

BOOST_AUTO_TEST_SUITE_END()
