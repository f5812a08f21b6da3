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

// The login session at a local seat that the process belongs to; empty when there is none, it is remote, or that can't be told.
[[nodiscard]] std::string local_session(std::uint32_t pid);

}  // namespace countersign::tokens
