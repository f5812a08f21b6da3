// SPDX-License-Identifier: Apache-2.0
// The words behind pam_countersign.so in a service's file. Nothing of the environment counts.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "core/base/result.h"
#include "daemon/client/client.h"

namespace countersign::pam {

enum class FirstPass {
  ignored,
  tried,  // try_first_pass: password and code in one field, of a module before or asked for here; a
          // code is asked for when none ends it
  required,  // use_first_pass: the field of a module before; nothing is asked for
};

// What the stack says about the first factor (T51).
enum class FirstFactor {
  unsaid,
  passed,      // first=passed: the stack ends where it fails, so this line is reached only after it
  public_key,  // first=publickey: sshd's; has passed where SSH_AUTH_INFO_0 names a completed public
               // key
};

// For questions that should not hold up a login.
inline constexpr std::chrono::seconds short_wait{2};

struct Options {
  std::string socket = client::system_socket;
  FirstPass first_pass = FirstPass::ignored;
  FirstFactor first_factor = FirstFactor::unsaid;
  bool fail_open = false;  // failmode=allow: where nobody listens, let the other modules decide
  std::chrono::seconds timeout{60};
  std::string service;  // empty: PAM's own name of it
  std::string prompt;   // empty: ours
  bool debug = false;
};

// invalid, naming the word, for one that is not known: a mistyped option must not weaken anything.
[[nodiscard]] Result<Options> parse_options(std::span<const char* const> words);

}  // namespace countersign::pam
