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

// The login session of a process; nothing: it has none.
Text session_name(const http::Process* caller) {
  char* name = nullptr;
  const bool seen = caller != nullptr && caller->pid() != 0;  // 0 would be the daemon itself
  return seen && sd_pid_get_session(static_cast<pid_t>(caller->pid()), &name) >= 0 ? Text(name)
                                                                                   : Text();
}

// What was read by the number of a process that is gone by now may have been another's.
bool running(const http::Process* caller) { return caller != nullptr && caller->running(); }

bool at_a_seat(const char* session) {
  if (sd_session_is_remote(session) != 0 || sd_session_is_active(session) <= 0) return false;
  char* name = nullptr;
  if (sd_session_get_seat(session, &name) < 0) return false;
  const Text seat(name);
  return *seat != '\0';
}

}  // namespace

bool is_here(const http::Process* caller, const HereRule& rule) {
  if (rule.always) return true;
  if (!session_manager()) return rule.demo_store;
  const Text session = session_name(caller);
  return session != nullptr && at_a_seat(session.get()) && running(caller);
}

bool is_elsewhere(const http::Process* caller) {
  if (!session_manager()) return false;
  const Text session = session_name(caller);
  return (session != nullptr && sd_session_is_remote(session.get()) != 0) || !running(caller);
}

std::string local_session(const http::Process* caller) {
  const Text session = session_name(caller);
  return session != nullptr && sd_session_is_remote(session.get()) == 0 && running(caller)
             ? std::string(session.get())
             : std::string();
}

std::string session_of(const http::Process* caller) {
  const Text session = session_name(caller);
  return session != nullptr && running(caller) ? std::string(session.get()) : std::string();
}

}  // namespace countersign::tokens
