// SPDX-License-Identifier: Apache-2.0
// A private key as libcrypto has it, for those that read, write and use one.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/secret.h"

struct evp_pkey_st;
struct evp_md_st;

namespace countersign::crypto {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyHandle = std::unique_ptr<evp_pkey_st, FreeKey>;

// PKCS #8 (RFC 5208), DER, not encrypted.
[[nodiscard]] Secret to_pkcs8(const evp_pkey_st* key);
[[nodiscard]] KeyHandle from_pkcs8(BytesView der);  // nothing: no such key

// By the key's own scheme: ECDSA as DER (Ecdsa-Sig-Value), RSA as PKCS #1 v1.5, Ed25519 (RFC 8032).
// digest: what hashes the message; null for Ed25519, which does so itself.
[[nodiscard]] Bytes sign(evp_pkey_st* key, const evp_md_st* digest, BytesView message);

// A number of the key by libcrypto's name for it ("n", "e"), big-endian without leading zeros.
[[nodiscard]] Bytes number_of(const evp_pkey_st* key, const char* name);

}  // namespace countersign::crypto
