// SPDX-License-Identifier: Apache-2.0
// What happens to an authenticator after it is bound. Nothing bound is ever deleted: it is revoked.
#pragma once

#include <optional>
#include <string>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/factors/typed_code.h"

namespace countersign::engine {

struct AuthenticatorChange {
  std::optional<std::string> label;
  std::optional<Status> status;  // active, suspended or revoked; revoked is final
  // Somebody vouches for its owner: from now on it rests on `basis`, as if it were bound now
  // (DESIGN, "Fresh verification").
  bool confirm = false;
  Basis basis = {};  // what the change rests on
};
void change_authenticator(Context& context, Caller caller, std::string id,
                          AuthenticatorChange wanted, Then<Authenticator> then);

// Two consecutive codes find a HOTP token's counter (RFC 4226 §7.4) or a TOTP token's clock (RFC
// 6238 §6) again. Codes that are used up stay so. Wrong ones count as one failure of the user.
struct Resync {
  Caller caller;
  std::string id;
  TypedCode first;
  TypedCode second;
};
void resync(Context& context, Resync request, Then<Authenticator> then);

}  // namespace countersign::engine
