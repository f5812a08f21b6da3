// SPDX-License-Identifier: Apache-2.0
#include "tests/vm/guest.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace countersign::test {
namespace {

namespace fs = std::filesystem;

constexpr int seconds_to_boot = 240;  // usually ten; more where others compute, too
constexpr std::size_t a_line = 0;

// qemu listens once the initramfs is packed.
int connect_to(const std::string& path, const Running& qemu) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw std::runtime_error("too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (int i = 0; i < 3000 && fs::exists("/proc/" + std::to_string(qemu.pid()) + "/exe");
       ++i, usleep(10'000))
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Guest::Guest(const std::vector<std::string>& files) {
  const std::string share = folder_ / "share";
  fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/vm/guest", share);
  for (const std::string& file : files)
    fs::copy(file, share + "/" + fs::path(file).filename().string());
  write_file(share + "/hidden", COUNTERSIGN_SOURCE_DIR
             " " COUNTERSIGN_BINARY_DIR "\n");  // neither the source nor this build is to be seen
  qemu_ = std::make_unique<Running>(
      std::vector<std::string>{"/bin/bash", "-c", "exec 2>&1; exec \"$@\"", "boot",
                               COUNTERSIGN_SOURCE_DIR "/tests/vm/boot.sh", folder_ / ""},
      folder_ / "log");
  agent_ = connect_to(folder_ / "agent.sock", *qemu_);
  if (agent_ < 0)
    throw std::runtime_error("the guest does not boot: " + content_of(folder_ / "log"));
  if (take(a_line, seconds_to_boot) != "ready\n")
    throw std::runtime_error("the guest's agent did not come: " +
                             content_of(folder_ / "console.log"));
}

Guest::~Guest() {
  if (agent_ >= 0) close(agent_);
}

std::string Guest::take(std::size_t size, int seconds) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const auto whole = [&] {
    return size == a_line ? pending_.find('\n') + 1 : pending_.size() >= size ? size : 0;
  };
  while (whole() == 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now())
            .count();
    pollfd wait{agent_, POLLIN, 0};
    if (left <= 0 || poll(&wait, 1, static_cast<int>(left)) == 0)
      throw std::runtime_error("the guest does not answer: " + content_of(folder_ / "console.log"));
    std::array<char, 4096> buffer{};
    const ssize_t got = read(agent_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw std::runtime_error("the guest is gone: " + content_of(folder_ / "console.log") +
                               content_of(folder_ / "log"));
    pending_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const std::string taken = pending_.substr(0, whole());
  pending_.erase(0, taken.size());
  return taken;
}

Ran Guest::run(const std::string& script, int seconds) {
  if (script.contains('\n')) throw std::invalid_argument("not one line: " + script);
  const std::string sent = script + "\n";
  for (std::size_t at = 0; at < sent.size();) {
    const ssize_t size = send(agent_, sent.data() + at, sent.size() - at, MSG_NOSIGNAL);
    if (size < 0)
      throw std::runtime_error("the guest is gone: " + content_of(folder_ / "console.log"));
    at += static_cast<std::size_t>(size);
  }
  std::istringstream head(take(a_line, seconds));
  Ran ran;
  std::size_t size = 0;
  if (!(head >> ran.exit_code >> size))
    throw std::runtime_error("the guest's agent said: " + head.str());
  if (size > 0) ran.out = take(size, seconds);
  return ran;
}

std::string Guest::sh(const std::string& script) {
  const Ran ran = run(script);
  if (ran.exit_code != 0)
    throw std::runtime_error(script + "\nended with " + std::to_string(ran.exit_code) + ":\n" +
                             ran.out);
  return ran.out;
}

void Guest::type(const std::string& text) {
  (void)sh("python3 /run/share/console.py type " + quoted(text));
}

std::string Guest::shows(const std::vector<std::string>& texts) {
  std::string script = "python3 /run/share/console.py shows";
  for (const std::string& text : texts) script += " " + quoted(text);
  return sh(script);
}

void Guest::clear() { (void)sh("python3 /run/share/console.py clear"); }

}  // namespace countersign::test
