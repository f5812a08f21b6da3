// SPDX-License-Identifier: Apache-2.0
// Does a sign-in happen at this machine's own seat? Tokens serve no other (T46).
#pragma once

#include <string>

#include "daemon/http/process.h"

namespace countersign::tokens {

struct HereRule {
  bool always = false;      // the configuration says so: a kiosk
  bool demo_store = false;  // where there is no session manager, a demo store assumes here
};

// A caller whose process is gone, or can't be seen, or who came over TCP (none) is neither here nor
// in a local session.

// By the login session of the caller's process: active, not remote, at a seat. False whenever that
// can't be told.
[[nodiscard]] bool is_here(const http::Process* caller, const HereRule& rule);

// Whether the process belongs to a login session from elsewhere (ssh), or to one of which that
// can't be told. False where it belongs to none, as a getty's login before it opens one, and where
// there is no session manager.
[[nodiscard]] bool is_elsewhere(const http::Process* caller);

// The login session at a local seat that the process belongs to; empty when there is none, it is
// remote, or that can't be told.
[[nodiscard]] std::string local_session(const http::Process* caller);

// The same of any login session.
[[nodiscard]] std::string session_of(const http::Process* caller);

}  // namespace countersign::tokens
