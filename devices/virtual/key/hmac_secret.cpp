// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/hmac_secret.h"

#include <algorithm>

#include "core/crypto/hmac.h"
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {

Outcome<Salts> open_salts(const Key& key, const cbor::Value& input) {
  const auto peer = need_map(input, 1);
  const auto encrypted = need_bytes(input, 2);
  const auto signature = need_bytes(input, 3);
  if (!peer) return refuse(peer.error());
  if (!encrypted) return refuse(encrypted.error());
  if (!signature) return refuse(signature.error());
  const auto protocol = pin_protocol(input.integer_at(4).value_or(1));
  if (!protocol) return refuse(Status::invalid_parameter);
  auto shared = key.session.agreement.decapsulate(*protocol, **peer);
  if (!shared) return refuse(Status::invalid_parameter);
  if (!shared->verify(**encrypted, **signature)) return refuse(Status::pin_auth_invalid);
  auto salts = shared->decrypt(**encrypted);
  if (!salts || (salts->size() != 32 && salts->size() != 64)) return refuse(Status::invalid_length);
  return Salts{std::move(*shared), std::move(*salts)};
}

cbor::Value hmac_secret_output(const Salts& salts, const Credential& credential, bool verified) {
  const Secret& random = verified ? credential.random_with_uv : credential.random_without_uv;
  if (random.empty()) return {};
  Secret outputs(salts.salts.size());
  for (std::size_t at = 0; at < outputs.size(); at += 32) {
    const Secret output =
        crypto::hmac_sha256(random.expose(), salts.salts.expose().subspan(at, 32));
    std::ranges::copy(output.expose(),
                      outputs.expose_mutable().begin() + static_cast<std::ptrdiff_t>(at));
  }
  return salts.shared.encrypt(outputs.expose());
}

}  // namespace countersign::virtual_key
