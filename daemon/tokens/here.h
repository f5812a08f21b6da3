// SPDX-License-Identifier: Apache-2.0
// Does a sign-in happen at this machine's own seat? Tokens serve no other (T46).
#pragma once

#include <cstdint>
#include <string>

namespace countersign::tokens {

struct HereRule {
  bool always = false;       // the configuration says so: a kiosk
  bool demo_store = false;   // where there is no session manager, a demo store assumes here
};

// By the login session of the caller's process: active, not remote, at a seat. False whenever that can't be told.
[[nodiscard]] bool is_here(std::uint32_t pid, const HereRule& rule);

// Whether the process belongs to a login session from elsewhere (ssh), or to one of which that can't be told. False where it belongs to
// none, as a getty's login before it opens one, and where there is no session manager.
[[nodiscard]] bool is_elsewhere(std::uint32_t pid);

// The login session at a local seat that the process belongs to; empty when there is none, it is remote, or that can't be told.
[[nodiscard]] std::string local_session(std::uint32_t pid);

}  // namespace countersign::tokens
