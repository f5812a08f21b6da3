// SPDX-License-Identifier: Apache-2.0
// Verification by a security key or a passkey, the second step (the first: begin.h): a WebAuthn
// assertion (WebAuthn L3 §7.2).
#pragma once

#include <optional>
#include <string>

#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

struct FinishAssertion {
  Caller caller;
  std::string id;  // of the challenge
  Bytes credential_id;
  Bytes client_data_json;
  Bytes authenticator_data;
  Bytes signature;
  std::optional<Bytes> user_handle;
};

// The challenge is used up, whatever comes of it. Signatures are checked on the calling thread
// (60 µs).
void finish_assertion(Context& context, FinishAssertion request, ThenVerdict then);

}  // namespace countersign::engine
