// SPDX-License-Identifier: Apache-2.0
// How makeCredential and getAssertion come to "this user was verified" and "this user was present",
// and what they share of it (CTAP 2.1 §6.1.2, §6.2.2).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "devices/virtual/key/key.h"
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {

struct Evidence {
  bool verified = false;
  bool present = false;
};

struct Ceremony {
  Permission permission;
  std::string rp_id;
  Bytes client_data_hash;
  std::optional<Authorization> authorization;
  bool uv = false;        // the option: built-in verification is asked for
  bool demanded = false;  // this ceremony may not go on unverified
};

// The zero-length pinUvAuthParam by which old platforms ask for a touch to select this key.
[[nodiscard]] Step select_by_empty_authorization(Key& key);

// Goes on with what was found out, or ends the command with the status that says what is missing.
[[nodiscard]] Step verify_user(Key& key, const Ceremony& ceremony,
                               std::function<Step(Evidence)> then);
// Goes on once the person touched; at once when there is evidence already.
[[nodiscard]] Step touch(Evidence evidence, std::function<Step()> then);

// performBuiltInUv (§6.5.3.1): the finger, with the retries it costs. then has ok, uv_invalid,
// uv_blocked, user_action_timeout, keepalive_cancel or other.
[[nodiscard]] Step built_in_uv(Key& key, std::function<Step(Status)> then);

}  // namespace countersign::virtual_key
