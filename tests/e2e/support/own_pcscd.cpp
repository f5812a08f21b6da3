// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/own_pcscd.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include "tests/e2e/support/processes.h"

namespace countersign::test {
namespace {

constexpr const char* run_folder = "/run/pcscd";

void must_do(bool done, const std::string& what) {
  if (!done)
    throw std::runtime_error(what + ": " + std::strerror(errno) + " (this test needs root)");
}

void raise_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  must_do(up, "the loopback interface");
}

void enter_namespaces() {
  static bool entered = false;
  if (entered) return;
  must_do(::unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, "own namespaces");
  must_do(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  must_do(::mkdir(run_folder, 0755) == 0 || errno == EEXIST, run_folder);
  must_do(::mount("tmpfs", run_folder, "tmpfs", 0, "mode=0755") == 0, run_folder);
  raise_loopback();
  entered = true;
}

// The line of a reader in opensc-tool's table: number, card, features, name.
bool reader_has_card(const std::string& reader, bool there) {
  const Ran ran = run({"/usr/bin/opensc-tool", "-l"});
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);)
    if (line.ends_with(reader)) return (line.find(" Yes ") != std::string::npos) == there;
  return false;
}

constexpr const char* name_of_place(SoftCard::Place place) {
  return place == SoftCard::Place::first_reader ? OwnPcscd::first_reader : OwnPcscd::second_reader;
}

}  // namespace

OwnPcscd::OwnPcscd() {
  enter_namespaces();
  start();
}

OwnPcscd::~OwnPcscd() = default;

void OwnPcscd::stop() { process_.reset(); }

void OwnPcscd::start() {
  process_ = std::make_unique<Running>(std::vector<std::string>{"/usr/sbin/pcscd", "--foreground"},
                                       folder_ / "pcscd.log");
  const auto answers = [] {
    const Ran ran = run({"/usr/bin/opensc-tool", "-l"});
    return ran.out.find(first_reader) != std::string::npos &&
           ran.out.find(second_reader) != std::string::npos;
  };
  if (!becomes_true(answers, 10'000))
    throw std::runtime_error("pcscd does not answer: " + content_of(folder_ / "pcscd.log"));
}

SoftCard::SoftCard(Place place, const std::string& folder, const std::string& name,
                   std::vector<std::string> options)
    : base_(folder + "/" + name) {
  std::vector<std::string> words{program("countersign-virtual")};
  if (place == Place::socket)
    words.insert(words.end(), {"serve", "--kind", "card", "--socket", socket()});
  else
    words.insert(
        words.end(),
        {"card", "--vpcd", place == Place::first_reader ? "127.0.0.1:35963" : "127.0.0.1:35964"});
  words.insert(words.end(),
               {"--state", base_ + ".state", "--control", base_ + ".control", "--die-with-parent"});
  words.insert(words.end(), options.begin(), options.end());
  program_ = std::make_unique<Running>(words, base_ + ".log");
  if (!becomes_true([&] { return content_of(base_ + ".log").find("ready: ") != std::string::npos; },
                    10'000))
    throw std::runtime_error("the card " + name + " never came");
  if (place != Place::socket) wait_for_card(name_of_place(place));
}

void SoftCard::control(const std::vector<std::string>& words) const {
  std::vector<std::string> all{program("countersign-virtual"), "control", "--control",
                               base_ + ".control"};
  all.insert(all.end(), words.begin(), words.end());
  if (const Ran ran = run(all); ran.exit_code != 0) throw std::runtime_error(ran.err);
}

std::string SoftCard::root() const {
  return tool({program("countersign-virtual"), "root", "--state", base_ + ".state"});
}

void wait_for_card(const std::string& reader, bool there) {
  if (!becomes_true([&] { return reader_has_card(reader, there); }, 10'000))
    throw std::runtime_error(reader + (there ? " never had a card" : " still has a card"));
}

}  // namespace countersign::test
