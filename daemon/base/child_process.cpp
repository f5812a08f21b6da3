// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace countersign {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_again{2};
constexpr int above_all_given = 64;  // no descriptor is handed over as a number like that

int shell_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

// False: time is up.
bool readable(int fd, const std::optional<Steady::time_point>& limit) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  for (;;) {
    const auto left = limit ? std::chrono::ceil<std::chrono::milliseconds>(*limit - Steady::now())
                            : std::chrono::milliseconds(-1);
    if (limit && left.count() <= 0) return false;
    const int ready = poll(&wait, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::string read_all(int fd, const std::optional<Steady::time_point>& limit, std::size_t most) {
  std::string text;
  std::array<char, 4096> chunk;
  while (text.size() < most && readable(fd, limit)) {
    const ssize_t size = read(fd, chunk.data(), std::min(chunk.size(), most - text.size()));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  signal(SIGTERM);
  (void)wait();
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) (void)kill(pid_, number);
}

int ChildProcess::wait() {
  int status = 0;
  while (pid_ > 0 && waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return shell_status(status);
}

int ChildProcess::wait_until(Steady::time_point limit) {
  int status = 0;
  while (pid_ > 0 && waitpid(pid_, &status, WNOHANG) == 0) {
    if (Steady::now() > limit) {
      signal(SIGKILL);
      return wait();
    }
    usleep(static_cast<useconds_t>(std::chrono::microseconds(look_again).count()));
  }
  pid_ = -1;
  return shell_status(status);
}

Program& Program::no_input() {
  opened_.push_back({STDIN_FILENO, "/dev/null", O_RDONLY});
  return *this;
}
Program& Program::no_output() {
  opened_.push_back({STDOUT_FILENO, "/dev/null", O_WRONLY});
  return *this;
}
Program& Program::no_errors() {
  opened_.push_back({STDERR_FILENO, "/dev/null", O_WRONLY});
  return *this;
}
Program& Program::log_to(const std::string& path) {
  opened_.push_back({STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_APPEND});
  errors_to_output_ = true;
  return *this;
}
Program& Program::give(const Descriptor& from, int as) {
  given_.emplace_back(from.get(), as);
  return *this;
}
Program& Program::own_session() {
  own_session_ = true;
  return *this;
}

Result<ChildProcess> Program::start() const {
  SpawnSettings settings;
  // From high numbers, so that no hand-over overwrites a descriptor that is still needed, and none
  // is handed over onto itself, where it would stay close-on-exec.
  std::vector<Descriptor> high;
  for (const auto& [from, as] : given_) {
    high.emplace_back(fcntl(from, F_DUPFD_CLOEXEC, above_all_given));
    if (!high.back())
      return fail(Code::unavailable, std::string("no descriptor is left: ") + std::strerror(errno));
    posix_spawn_file_actions_adddup2(&settings.actions, high.back().get(), as);
  }
  for (const Opened& each : opened_)
    posix_spawn_file_actions_addopen(&settings.actions, each.as, each.path.c_str(), each.flags,
                                     0600);
  if (errors_to_output_)
    posix_spawn_file_actions_adddup2(&settings.actions, STDOUT_FILENO, STDERR_FILENO);
  if (own_session_) posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSID);
  std::vector<std::string> words = words_;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, arguments[0], &settings.actions, &settings.attributes,
                                arguments.data(), environ);
  if (error != 0)
    return fail(Code::unavailable, "can't run " + words[0] + ": " + std::strerror(error));
  return ChildProcess(pid);
}

Result<Printed> output_of(Program program, std::optional<std::chrono::milliseconds> patience,
                          std::size_t most) {
  auto pipe = TRY(make_pipe());
  auto child = TRY(program.give(pipe.write, STDOUT_FILENO).start());
  pipe.write.reset();
  const auto limit = patience ? std::optional(Steady::now() + *patience) : std::nullopt;
  Printed printed{.text = read_all(pipe.read.get(), limit, most)};
  pipe.read.reset();
  printed.status = limit ? child.wait_until(*limit) : child.wait();
  return printed;
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Code::unavailable, std::string("can't make a pipe: ") + std::strerror(errno));
  return Pipe{.read = Descriptor(ends[0]), .write = Descriptor(ends[1])};
}

}  // namespace countersign
