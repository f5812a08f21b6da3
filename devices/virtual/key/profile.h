// SPDX-License-Identifier: Apache-2.0
// Which kind of key it plays.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "devices/virtual/key/private_key.h"

namespace countersign::virtual_key {

struct Profile {
  std::string_view name;
  bool ctap2 = true;         // else U2F alone
  bool client_pin = true;    // a PIN can be set
  bool built_in_uv = false;  // a fingerprint sensor, played by the touch
  bool config = false;       // authenticatorConfig: always-UV, minimum PIN length
  std::span<const Algorithm> algorithms;
};

// no-pin, pin, uv, u2f, full.
[[nodiscard]] std::optional<Profile> profile_named(std::string_view name);

}  // namespace countersign::virtual_key
