// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace countersign::demo {
namespace {

class Actions {
 public:
  Actions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~Actions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  posix_spawn_file_actions_t* files() { return &actions_; }
  posix_spawnattr_t* attributes() { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

Result<pid_t> spawn(std::vector<std::string> words, Actions& actions) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, words[0].c_str(), actions.files(), actions.attributes(),
                                arguments.data(), environ);
  if (error != 0)
    return fail(Code::unavailable, "can't run " + words[0] + ": " + std::strerror(error));
  return pid;
}

Result<int> wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return fail(Code::internal, "a program got lost");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Child::~Child() {
  if (pid_ <= 0) return;
  (void)kill(pid_, SIGTERM);
  (void)waitpid(pid_, nullptr, 0);
}

Result<Child> Child::start(const std::vector<std::string>& words, const std::string& log,
                           bool own_session) {
  Actions actions;
  posix_spawn_file_actions_addopen(actions.files(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(actions.files(), STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(actions.files(), STDOUT_FILENO, STDERR_FILENO);
  if (own_session) posix_spawnattr_setflags(actions.attributes(), POSIX_SPAWN_SETSID);
  const pid_t pid = TRY(spawn(words, actions));
  Child child;
  child.pid_ = pid;
  return child;
}

Result<int> run_program(const std::vector<std::string>& words) {
  Actions actions;
  const pid_t pid = TRY(spawn(words, actions));
  return wait_for(pid);
}

Result<std::string> output_of(const std::vector<std::string>& words, int& exit_code) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Code::unavailable, "no pipe");
  Actions actions;
  posix_spawn_file_actions_adddup2(actions.files(), ends[1], STDOUT_FILENO);
  const Result<pid_t> pid = spawn(words, actions);
  close(ends[1]);
  std::string printed;
  std::array<char, 4096> chunk;
  for (ssize_t size = 0; pid && (size = read(ends[0], chunk.data(), chunk.size())) > 0;)
    printed.append(chunk.data(), static_cast<std::size_t>(size));
  close(ends[0]);
  if (!pid) return std::unexpected(pid.error());
  const int status = TRY(wait_for(*pid));
  exit_code = status;
  return printed;
}

}  // namespace countersign::demo
