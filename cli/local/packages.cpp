// SPDX-License-Identifier: Apache-2.0
#include "cli/local/packages.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <vector>

extern char** environ;

namespace countersign::cli {
namespace {

constexpr const char* query_program = "/usr/bin/dpkg-query";
constexpr const char* compare_program = "/usr/bin/dpkg";
constexpr std::chrono::milliseconds patience{2000};
constexpr std::size_t longest_answer = 4096;

struct Answer {
  int exit_code = -1;
  std::string out;
};

// All that it prints, until it closes its output or time is up.
std::string read_until(int output, std::chrono::steady_clock::time_point limit) {
  std::string text;
  std::array<char, 512> chunk;
  while (text.size() < longest_answer) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now())
            .count();
    pollfd wait{output, POLLIN, 0};
    if (left <= 0 || poll(&wait, 1, static_cast<int>(left)) <= 0) break;
    const ssize_t size = read(output, chunk.data(), chunk.size());
    if (size <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return text;
}

// Its exit code; -1: it was stopped, because time was up.
int reap(pid_t child, std::chrono::steady_clock::time_point limit) {
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) {
      (void)kill(child, SIGKILL);
      (void)waitpid(child, &status, 0);
      return -1;
    }
    usleep(500);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::optional<Answer> ask(std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int error = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::optional<Answer> answer;
  if (error == 0) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    answer = Answer{.exit_code = -1, .out = read_until(ends[0], limit)};
    answer->exit_code = reap(child, limit);
  }
  close(ends[0]);
  return answer;
}

}  // namespace

bool has_packages() {
  return access(query_program, X_OK) == 0 && access(compare_program, X_OK) == 0;
}

std::optional<std::string> installed_version(const std::string& package) {
  const auto answer = ask({query_program, "-W", "-f", "${db:Status-Status} ${Version}\n", package});
  constexpr std::string_view installed = "installed ";
  if (!answer || answer->exit_code != 0 || !answer->out.starts_with(installed)) return std::nullopt;
  const std::size_t end = answer->out.find('\n');
  if (end == std::string::npos || end == installed.size()) return std::nullopt;
  return answer->out.substr(installed.size(), end - installed.size());
}

std::optional<bool> at_least(const std::string& version, const std::string& other) {
  const auto answer = ask({compare_program, "--compare-versions", version, "ge", other});
  if (!answer || (answer->exit_code != 0 && answer->exit_code != 1)) return std::nullopt;
  return answer->exit_code == 0;
}

std::string distribution() {
  std::ifstream file("/etc/os-release");
  std::string id, version;
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    std::erase(value, '"');
    if (line.starts_with("ID=")) id = value;
    if (line.starts_with("VERSION_ID=")) version = value;
  }
  return id.empty() || version.empty() ? std::string() : id + "-" + version;
}

}  // namespace countersign::cli
