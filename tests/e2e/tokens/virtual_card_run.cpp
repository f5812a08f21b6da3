// SPDX-License-Identifier: Apache-2.0
// Programs that nobody here wrote, each run with a virtual card of its own (root): device virtual
// run --kind card.
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <thread>

#include "tests/e2e/support/key_house.h"

using namespace countersign::test;

namespace {

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> with_card(std::vector<std::string> options,
                                   const std::vector<std::string>& words) {
  std::vector<std::string> all{
      program("countersign"), "device", "virtual", "run", "--kind", "card"};
  all.insert(all.end(), options.begin(), options.end());
  all.emplace_back("--");
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Ran run_with_card(std::vector<std::string> options, const std::vector<std::string>& words) {
  return run(with_card(std::move(options), words));
}

std::string serial_of(const std::string& status) {
  const auto at = status.find("Serial Number:");
  return at == std::string::npos ? std::string() : status.substr(at, status.find('\n', at) - at);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_card_run)

BOOST_AUTO_TEST_CASE(every_program_that_speaks_pcsc_sees_the_card) {
  const TemporaryFolder folder;
  const Ran list = run_with_card({}, {"opensc-tool", "-l"});
  BOOST_TEST(list.exit_code == 0, list.err);
  BOOST_TEST(says(list.out, "Yes             Yubico YubiKey Virtual 00 00"), list.out);
  const Ran status = run_with_card({}, {"yubico-piv-tool", "-a", "status"});
  BOOST_TEST(says(status.out, "PIN tries left:\t3"), status.out + status.err);
  const Ran gpg = run_with_card({}, {"gpg", "--homedir", folder.path(), "--card-status"});
  BOOST_TEST(says(gpg.out, "Application type .: OpenPGP"), gpg.out + gpg.err);
  const Ran plain =
      run_with_card({"--profile", "plain"}, {"opensc-tool", "-n", "-r", "Virtual PCD 00 00"});
  BOOST_TEST(says(plain.out, "Personal Identity Verification Card"), plain.out + plain.err);
}

BOOST_AUTO_TEST_CASE(the_card_remembers_in_its_file) {
  const TemporaryFolder folder;
  const std::string state = folder / "card";
  const auto piv = [&](const std::vector<std::string>& words) {
    std::vector<std::string> all{"yubico-piv-tool"};
    all.insert(all.end(), words.begin(), words.end());
    return run_with_card({"--state", state}, all);
  };
  const std::string serial = serial_of(piv({"-a", "status"}).out);
  BOOST_TEST(!serial.empty());
  BOOST_TEST(piv({"-a", "verify-pin", "-P", "654321"}).exit_code != 0);
  const Ran after = piv({"-a", "status"});
  BOOST_TEST(serial_of(after.out) == serial);
  BOOST_TEST(says(after.out, "PIN tries left:\t2"), after.out);
}

BOOST_AUTO_TEST_CASE(two_at_once_see_each_their_own) {
  const TemporaryFolder folder;
  std::vector<std::string> serials(3);
  {
    std::vector<std::jthread> runs;
    for (std::size_t i = 0; i < serials.size(); ++i)
      runs.emplace_back([&, i] {
        serials[i] = serial_of(
            run_with_card(
                {"--state", folder / std::to_string(i)},
                {"sh", "-c", "yubico-piv-tool -a status; sleep 1; yubico-piv-tool -a status"})
                .out);
      });
  }
  for (std::size_t i = 0; i < serials.size(); ++i) {
    BOOST_TEST(!serials[i].empty());
    BOOST_TEST(serial_of(run_with_card({"--state", folder / std::to_string(i)},
                                       {"yubico-piv-tool", "-a", "status"})
                             .out) == serials[i]);
  }
}

BOOST_AUTO_TEST_CASE(it_ends_as_the_program_does_and_leaves_nothing) {
  const TemporaryFolder folder;
  const std::string state = folder / "card";
  BOOST_TEST(run_with_card({"--state", state}, {"sh", "-c", "exit 5"}).exit_code == 5);
  BOOST_TEST(run_with_card({"--state", state}, {"sh", "-c", "kill -9 $$"}).exit_code == 128 + 9);
  BOOST_TEST(run_with_card({"--state", state}, {folder / "nowhere"}).exit_code == 127);
  BOOST_TEST(run_with_card({"--state", state}, {folder.path()}).exit_code == 126);
  BOOST_TEST(run_with_card({"--state", state, "--timeout", "1"}, {"sleep", "60"}).exit_code == 124);
  const Ran signalled = run_with_card(
      {"--state", state},
      {"sh", "-c", "trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"});
  BOOST_TEST(signalled.exit_code == 9);
  BOOST_TEST(run({"pgrep", "-f", state}).exit_code == 1);
  // The network is still this machine's.
  const std::string network = run({"readlink", "/proc/self/ns/net"}).out;
  BOOST_TEST(run_with_card({}, {"readlink", "/proc/self/ns/net"}).out == network);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named_with_its_package) {
  for (const auto& [file, package] :
       {std::pair("/usr/sbin/pcscd", "package pcscd"),
        std::pair("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "package vsmartcard-vpcd")}) {
    const std::string hidden = std::string("mount -t tmpfs none ") +
                               std::string(file).substr(0, std::string(file).rfind('/')) +
                               " && exec \"$@\"";
    std::vector<std::string> words{"unshare", "-m", "sh", "-c", hidden, "sh"};
    const auto wanted = with_card({}, {"true"});
    words.insert(words.end(), wanted.begin(), wanted.end());
    const Ran ran = run(words);
    BOOST_TEST(ran.exit_code == 125);
    BOOST_TEST(says(ran.err, package), ran.err);
  }
  const Ran kind =
      run({program("countersign"), "device", "virtual", "run", "--kind", "badge", "--", "true"});
  BOOST_TEST(kind.exit_code == 2);
  BOOST_TEST(says(kind.err, "openpgp"), kind.err);
}

BOOST_AUTO_TEST_SUITE_END()
