// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/authenticator_data.h"

#include <algorithm>
#include <array>

#include "devices/virtual/key/identity.h"

namespace countersign::virtual_key {

Bytes join(std::initializer_list<BytesView> parts) {
  Bytes all;
  for (const BytesView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::uint32_t next_counter(Key& key) {
  if (!key.faults.counter_back) return ++key.state.counter;
  return key.state.counter - std::min(key.state.counter - 1, ++key.session.counted_back);
}

Bytes authenticator_data(const Key& key, BytesView rp_id_hash, Byte flags, std::uint32_t counter,
                         BytesView of_credential, const cbor::Value& extensions) {
  const crypto::Sha256 another = crypto::sha256(as_bytes("another.example"));
  if (key.faults.wrong_rp_hash) rp_id_hash = another;
  if (key.faults.uv_cleared) flags &= static_cast<Byte>(~Flag::user_verified);
  if (key.faults.up_cleared) flags &= static_cast<Byte>(~Flag::user_present);
  if (!of_credential.empty()) flags |= Flag::attested;
  if (!extensions.is_null()) flags |= Flag::extended;
  const std::array<Byte, 5> head{flags, static_cast<Byte>(counter >> 24U),
                                 static_cast<Byte>(counter >> 16U),
                                 static_cast<Byte>(counter >> 8U), static_cast<Byte>(counter)};
  const Bytes tail = extensions.is_null() ? Bytes{} : cbor::encode(extensions);
  return join({rp_id_hash, head, of_credential, tail});
}

Bytes attested_credential_data(const Credential& credential) {
  const std::array<Byte, 2> size{static_cast<Byte>(credential.id.size() >> 8U),
                                 static_cast<Byte>(credential.id.size())};
  return join({identity::aaguid, size, credential.id, cbor::encode(credential.key.cose_public())});
}

}  // namespace countersign::virtual_key
