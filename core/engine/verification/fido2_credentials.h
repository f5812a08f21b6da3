// SPDX-License-Identifier: Apache-2.0
// Between an Authenticator of kind fido2 and the credential record of WebAuthn that is its
// material.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "core/crypto/public_key.h"
#include "core/engine/context.h"
#include "core/webauthn/credential.h"

namespace countersign::engine {

// A credential that was opened and its key, parsed. Both are for good: what moves (counter, backup
// state) is in Progress.
struct KnownCredential {
  webauthn::Credential credential;
  crypto::PublicKey key;
};

// Opening and parsing cost as much as checking a signature, so the result is kept (P6). Any thread.
class CredentialCache {
 public:
  [[nodiscard]] Result<std::shared_ptr<const KnownCredential>> open(
      crypto::Vault& vault, const Authenticator& authenticator);

 private:
  std::mutex mutex_;
  std::map<AuthenticatorId, std::shared_ptr<const KnownCredential>> known_;
};

// Finds the row of a credential id (Authenticator::handle).
[[nodiscard]] Bytes handle_of(BytesView credential_id);
// What tokens keep and return for a discoverable credential (WebAuthn L3 §5.4.3): 8 octets, nothing
// personal.
[[nodiscard]] Bytes user_handle_of(UserId user);
[[nodiscard]] UserId user_of(BytesView handle);  // none when it is not ours

}  // namespace countersign::engine
