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

}  // namespace

bool is_here(std::uint32_t pid, const HereRule& rule) {
  if (rule.always) return true;
  if (!session_manager()) return rule.demo_store;
  char* raw = nullptr;
  if (sd_pid_get_session(static_cast<pid_t>(pid), &raw) < 0) return false;
  const Text session(raw);
  if (sd_session_is_remote(session.get()) != 0 || sd_session_is_active(session.get()) <= 0) return false;
  raw = nullptr;
  if (sd_session_get_seat(session.get(), &raw) < 0) return false;
  const Text seat(raw);
  return *seat != '\0';
}

std::string local_session(std::uint32_t pid) {
  if (!session_manager()) return {};
  char* raw = nullptr;
  if (sd_pid_get_session(static_cast<pid_t>(pid), &raw) < 0) return {};
  const Text session(raw);
  return sd_session_is_remote(session.get()) == 0 ? std::string(session.get()) : std::string();
}

}  // namespace countersign::tokens
