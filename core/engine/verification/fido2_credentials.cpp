// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/fido2_credentials.h"

#include "core/crypto/cose.h"
#include "core/crypto/hash.h"

namespace countersign::engine {
namespace {

constexpr std::size_t most_kept = 100'000;

Result<std::shared_ptr<const KnownCredential>> read(crypto::Vault& vault,
                                                    const Authenticator& authenticator) {
  const Secret stored = TRY(vault.open(crypto::Purpose::authenticator, to_text(authenticator.id),
                                       authenticator.material));
  webauthn::Credential credential = TRY(webauthn::decode_credential(stored.expose()));
  crypto::PublicKey key = TRY(crypto::public_key_from_cose(credential.public_key));
  return std::make_shared<const KnownCredential>(std::move(credential), std::move(key));
}

}  // namespace

Result<std::shared_ptr<const KnownCredential>> CredentialCache::open(
    crypto::Vault& vault, const Authenticator& authenticator) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(authenticator.id); found != known_.end())
      return found->second;
  }
  auto fresh = read(vault, authenticator);
  if (!fresh) return fresh;
  const std::lock_guard lock(mutex_);
  if (known_.size() >= most_kept) known_.clear();
  known_.emplace(authenticator.id, *fresh);
  return fresh;
}

Bytes handle_of(BytesView credential_id) {
  const crypto::Sha256 digest = crypto::sha256(credential_id);
  return {digest.begin(), digest.end()};
}

Bytes user_handle_of(UserId user) {
  Bytes handle;
  for (int shift = 56; shift >= 0; shift -= 8)
    handle.push_back(
        static_cast<Byte>(static_cast<std::uint64_t>(user.value) >> static_cast<unsigned>(shift)));
  return handle;
}

UserId user_of(BytesView handle) {
  if (handle.size() != 8) return {};
  std::uint64_t value = 0;
  for (const Byte octet : handle) value = value << 8U | octet;
  return UserId{static_cast<std::int64_t>(value)};
}

}  // namespace countersign::engine
