// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/removal_action.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

extern char** environ;

namespace countersign {
namespace {

constexpr std::chrono::seconds patience(10);

Result<void> run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t child = -1;
  const int error = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return fail(Code::unavailable, fmt::format("can't run {}: {}", words[0], std::strerror(error)));
  const auto limit = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) (void)kill(child, SIGKILL);
    usleep(5000);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Code::unavailable,
              fmt::format("{} ended with {}", words[0],
                          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)));
}

// Before its session is there (at a login prompt) a verification has none: then all that the user
// has.
std::vector<std::string> sessions_of(const tokens::Removal::Gone& gone, const std::string& login) {
  if (!gone.session.empty()) return {gone.session};
  std::vector<std::string> sessions;
  const passwd* account = login.empty() ? nullptr : getpwnam(login.c_str());
  char** list = nullptr;
  if (account == nullptr || sd_uid_get_sessions(account->pw_uid, 0, &list) <= 0) return sessions;
  for (char** each = list; *each != nullptr; ++each) {
    sessions.emplace_back(*each);
    std::free(*each);
  }
  std::free(list);
  return sessions;
}

}  // namespace

Result<void> act_on_removal(const std::string& on_remove, const tokens::Removal::Gone& gone,
                            const std::string& login) {
  if (on_remove != "lock-session") return run({on_remove, gone.user, gone.session, gone.device});
  const std::vector<std::string> sessions = sessions_of(gone, login);
  if (sessions.empty())
    return fail(Code::not_found,
                "the token of " + gone.user +
                    " was taken away, and no login session of theirs is known to lock");
  Result<void> all;
  for (const std::string& session : sessions)
    if (auto locked = run({"/usr/bin/loginctl", "lock-session", session}); !locked)
      all = std::move(locked);
  return all;
}

}  // namespace countersign
