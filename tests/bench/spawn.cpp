// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "daemon/client/client.h"
#include "tests/bench/measure.h"
#include "tests/support/daemon_process.h"

extern char** environ;

namespace countersign::bench {
namespace {

pid_t spawn(std::vector<std::string> words, bool quiet) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (quiet) posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("can't run " + words[0]);
  return pid;
}

}  // namespace

Server::Server(std::vector<std::string> words, std::string socket) : socket_(std::move(socket)) {
  words[0] = test::program(words[0]);
  pid_ = spawn(words, false);
  for (int i = 0; !client::Client::connect(socket_); ++i) {
    if (i == 1000) throw std::runtime_error(words[0] + " does not listen");
    usleep(2'000);
  }
}

Server::~Server() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

double run_time(const std::vector<std::string>& words) {
  const double begin = seconds();
  const pid_t pid = spawn(words, true);
  int status = 0;
  waitpid(pid, &status, 0);
  const double time = (seconds() - begin) * 1e3;
  if (status != 0) throw std::runtime_error(words[0] + " " + words[1] + " failed");
  return time;
}

}  // namespace countersign::bench
