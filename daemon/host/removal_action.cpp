// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/removal_action.h"

#include <fmt/format.h>
#include <pwd.h>
#include <systemd/sd-login.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "daemon/base/child_process.h"

namespace countersign {
namespace {

constexpr std::chrono::seconds patience(10);

Result<void> run(const std::vector<std::string>& words) {
  auto child = TRY(Program(words).no_input().start());
  const int status = child.wait_until(std::chrono::steady_clock::now() + patience);
  if (status == 0) return {};
  return fail(Code::unavailable, fmt::format("{} ended with {}", words[0], status));
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
                    " was removed, but no login session of theirs could be found to lock");
  Result<void> all;
  for (const std::string& session : sessions)
    if (auto locked = run({"/usr/bin/loginctl", "lock-session", session}); !locked)
      all = std::move(locked);
  return all;
}

}  // namespace countersign
