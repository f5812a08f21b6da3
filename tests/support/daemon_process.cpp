// SPDX-License-Identifier: Apache-2.0
#include "tests/support/daemon_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace countersign::test {
namespace {

using Clock = std::chrono::steady_clock;

pid_t spawn(std::vector<std::string> words, posix_spawn_file_actions_t* actions) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  if (const int error =
          posix_spawnp(&pid, words[0].c_str(), actions, nullptr, arguments.data(), environ);
      error != 0)
    throw std::runtime_error("can't run " + words[0] + ": " + std::to_string(error));
  return pid;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base != nullptr ? base : "/tmp") + "/countersign-test-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// Asked once, before a test moves into a mount namespace of its own: from there the link may name a
// path outside.
static const std::filesystem::path own_folder =
    std::filesystem::read_symlink("/proc/self/exe").parent_path();

std::string program(const std::string& name) { return own_folder / name; }

Ran run(const std::vector<std::string>& words, const std::string& input, int seconds) {
  const TemporaryFolder folder;
  std::ofstream(folder / "in") << input;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string in = folder / "in";
  const std::string out = folder / "out";
  const std::string err = folder / "err";
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  const pid_t pid = spawn(words, &actions);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  const auto limit = Clock::now() + std::chrono::seconds(seconds);
  for (useconds_t pause = 200; waitpid(pid, &status, WNOHANG) == 0;
       pause = std::min<useconds_t>(pause * 2, 10'000)) {
    if (Clock::now() > limit) (void)kill(pid, SIGKILL);
    usleep(pause);
  }
  return {exit_code_of(status), content_of(out), content_of(err)};
}

DaemonProcess::DaemonProcess(Options options) : options_(std::move(options)) { start(); }

DaemonProcess::~DaemonProcess() {
  if (pid_ > 0) kill_now();
}

void DaemonProcess::launch() {
  std::vector<std::string> words = {program("countersignd"), "--state", options_.state, "--socket",
                                    options_.socket};
  if (options_.demo) words.emplace_back("--demo");
  words.insert(words.end(), options_.more.begin(), options_.more.end());
  const std::string log = log_path();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_ = spawn(words, &actions);
  posix_spawn_file_actions_destroy(&actions);
}

void DaemonProcess::start() {
  launch();
  const std::string log = log_path();
  const auto limit = Clock::now() + std::chrono::seconds(30);
  while (!client::Client::connect(options_.socket)) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("the daemon ended with " + std::to_string(exit_code_of(status)) +
                               ": " + content_of(log));
    }
    if (Clock::now() > limit)
      throw std::runtime_error("the daemon does not answer: " + content_of(log));
    usleep(500);
  }
}

void DaemonProcess::kill_now() {
  (void)kill(pid_, SIGKILL);
  (void)waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int DaemonProcess::stop(int seconds) {
  (void)kill(pid_, SIGTERM);
  int status = 0;
  const auto limit = Clock::now() + std::chrono::seconds(seconds);
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() > limit) {
      kill_now();
      return -1;
    }
    usleep(1'000);
  }
  pid_ = -1;
  return exit_code_of(status);
}

client::Answer DaemonProcess::call(const std::string& method, const std::string& target,
                                   const std::string& body) const {
  auto connected = client::Client::connect(options_.socket);
  if (!connected) throw std::runtime_error(connected.error().what);
  auto answer = connected->call(method, target, body, Deadline::in(std::chrono::seconds(60)));
  if (!answer) throw std::runtime_error(answer.error().what);
  return std::move(*answer);
}

Ran DaemonProcess::cli(std::vector<std::string> words, const std::string& input) const {
  words.insert(words.begin(), {program("countersign"), "--socket", options_.socket});
  return run(words, input);
}

}  // namespace countersign::test
