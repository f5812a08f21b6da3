// SPDX-License-Identifier: Apache-2.0
// What PAM knows of where a person sits.
#pragma once

#include <optional>
#include <string_view>

namespace countersign::pam {

struct Origin {
  std::string_view remote_host;  // PAM_RHOST
  std::string_view terminal;     // PAM_TTY
  std::string_view
      seat;  // XDG_SEAT of the PAM handle, where display managers put it; never the environment's
};

// Whether the sign-in is at this machine's own seat. A remote host: no. A virtual terminal of the
// kernel, or a seat named by the display manager: yes. Otherwise (a pseudo-terminal, an X display,
// which both may be anybody's) nothing is claimed, and the daemon goes by the login session of the
// process that asks.
[[nodiscard]] std::optional<bool> is_here(const Origin& origin);

}  // namespace countersign::pam
