// SPDX-License-Identifier: Apache-2.0
// Who may ask by Yubico's validation protocol: programs with a number and a key for HMAC-SHA1, as
// YubiCloud gives them out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

inline constexpr const char* validation_clients_setting =
    "validation-clients";  // sealed under its name

struct ValidationClient {
  std::int64_t number = 0;  // the protocol's id; never given out again
  std::string name;         // of the administrator's choice
  Time created{};
  bool revoked = false;
  Secret key;  // 20 octets; empty when listed
};

// A new one; its key is shown this once. Code::exhausted: there are 1000.
void add_validation_client(Context& context, Caller caller, std::string name,
                           Then<ValidationClient> then);
// Final. Code::not_found.
void revoke_validation_client(Context& context, Caller caller, std::int64_t number,
                              Then<std::monostate> then);
[[nodiscard]] Result<std::vector<ValidationClient>> validation_clients(
    Context& context);  // without keys
// With its key, revoked or not. Code::not_found.
[[nodiscard]] Result<ValidationClient> validation_client(Context& context, std::int64_t number);

}  // namespace countersign::engine
