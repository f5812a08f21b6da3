// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/here.h"

#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace countersign::tokens {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Free>;

bool session_manager() { return sd_booted() > 0 && access("/run/systemd/seats", F_OK) == 0; }

// The login session of a process; nothing: it has none, or there is no session manager.
Text session_of(std::uint32_t pid) {
  char* name = nullptr;
  return session_manager() && sd_pid_get_session(static_cast<pid_t>(pid), &name) >= 0 ? Text(name) : Text();
}

}  // namespace

bool is_here(std::uint32_t pid, const HereRule& rule) {
  if (rule.always) return true;
  if (!session_manager()) return rule.demo_store;
  const Text session = session_of(pid);
  if (session == nullptr || sd_session_is_remote(session.get()) != 0 || sd_session_is_active(session.get()) <= 0) return false;
  char* name = nullptr;
  if (sd_session_get_seat(session.get(), &name) < 0) return false;
  const Text seat(name);
  return *seat != '\0';
}

bool is_elsewhere(std::uint32_t pid) {
  const Text session = session_of(pid);
  return session != nullptr && sd_session_is_remote(session.get()) != 0;
}

std::string local_session(std::uint32_t pid) {
  const Text session = session_of(pid);
  return session != nullptr && sd_session_is_remote(session.get()) == 0 ? std::string(session.get()) : std::string();
}

}  // namespace countersign::tokens
