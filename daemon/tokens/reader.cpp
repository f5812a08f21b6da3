// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <vector>

namespace countersign::tokens {
namespace {

constexpr int backlog = 64;

struct Address {
  sockaddr_un name{.sun_family = AF_UNIX};
  socklen_t size = sizeof(sockaddr_un);
};

std::unexpected<Error> no_reader(std::string_view why) {
  return fail(Code::unavailable,
              fmt::format("security keys can't be used: {}: {}", why, std::strerror(errno)));
}

// An address that the kernel picks: nothing to clean up, no path that could be too long. The reader
// asks who connects.
Result<Descriptor> listen_privately() {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Address address;
  if (!socket ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.name), sizeof(sa_family_t)) !=
          0 ||
      listen(socket.get(), backlog) != 0)
    return no_reader("no socket for the reader");
  return socket;
}

// Between fork and exec: nothing but system calls. The socket arrives as systemd's socket
// activation has it.
[[noreturn]] void become(int listening, std::array<char, 32>& listen_pid, char* const* arguments,
                         char* const* environment) {
  constexpr std::string_view name = "LISTEN_PID=";
  std::to_chars(listen_pid.data() + name.size(), listen_pid.data() + listen_pid.size() - 1,
                getpid());
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool moved = listening == SD_LISTEN_FDS_START ? fcntl(listening, F_SETFD, 0) == 0
                                                      : dup2(listening, SD_LISTEN_FDS_START) >= 0;
  if (moved) execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

Reader::~Reader() {
  if (pid_ <= 0) return;
  (void)kill(pid_, SIGTERM);
  (void)waitpid(pid_, nullptr, 0);
}

bool Reader::running() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
  return pid_ > 0;
}

Result<void> Reader::start() {
  if (!listening_) {
    Descriptor socket = TRY(listen_privately());
    listening_ = std::move(socket);
  }
  if (access(where_.program.c_str(), X_OK) != 0) return no_reader(where_.program);
  std::vector<std::string> words = {where_.program};
  if (!where_.virtual_folder.empty())
    words.insert(words.end(), {"--virtual", where_.virtual_folder});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<char, 32> listen_pid{"LISTEN_PID="};
  std::string listen_fds = "LISTEN_FDS=1";
  std::string path = "PATH=/usr/bin:/bin";
  const std::array<char*, 4> environment = {listen_fds.data(), listen_pid.data(), path.data(),
                                            nullptr};
  const pid_t child = fork();
  if (child == 0) become(listening_.get(), listen_pid, arguments.data(), environment.data());
  if (child < 0) return no_reader("no process for the reader");
  pid_ = child;
  return {};
}

Result<Descriptor> Reader::connect() {
  Address address;
  if (where_.socket.empty()) {
    if (!running()) TRY(start());
    if (getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address.name), &address.size) !=
        0)
      return no_reader("the reader's socket");
  } else {
    if (where_.socket.size() >= sizeof address.name.sun_path)
      return fail(Code::invalid, "the path of the reader's socket is too long");
    where_.socket.copy(address.name.sun_path, where_.socket.size());
  }
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address.name), address.size) != 0)
    return no_reader(where_.socket.empty() ? "the reader" : where_.socket);
  return socket;
}

}  // namespace countersign::tokens
