// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/private_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::virtual_key {
namespace {

using crypto::must;
using formats::cbor::Value;

EVP_PKEY* make_key(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::es256:
      return EVP_EC_gen("P-256");
    case Algorithm::eddsa:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case Algorithm::rs256:
      return EVP_RSA_gen(2048);
  }
  std::unreachable();
}

Value cose_ec(BytesView point) {
  return Value::map(
      {{1, 2}, {3, -7}, {-1, 1}, {-2, point.subspan(1, 32)}, {-3, point.subspan(33, 32)}});
}

Value cose_okp(const EVP_PKEY* key) {
  Bytes x(32);
  std::size_t size = x.size();
  must(EVP_PKEY_get_raw_public_key(key, x.data(), &size) == 1);
  return Value::map({{1, 1}, {3, -8}, {-1, 6}, {-2, x}});
}

Value cose_rsa(const EVP_PKEY* key) {
  return Value::map({{1, 3},
                     {3, -257},
                     {-1, crypto::number_of(key, OSSL_PKEY_PARAM_RSA_N)},
                     {-2, crypto::number_of(key, OSSL_PKEY_PARAM_RSA_E)}});
}

// The kind of key that an algorithm signs with.
bool fits(Algorithm algorithm, const EVP_PKEY* key) {
  switch (algorithm) {
    case Algorithm::es256:
      return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_bits(key) == 256;
    case Algorithm::eddsa:
      return EVP_PKEY_is_a(key, "ED25519") == 1;
    case Algorithm::rs256:
      return EVP_PKEY_is_a(key, "RSA") == 1;
  }
  std::unreachable();
}

}  // namespace

PrivateKey PrivateKey::generate(Algorithm algorithm) {
  PrivateKey key(algorithm, crypto::KeyHandle(make_key(algorithm)));
  must(key.key_ != nullptr);
  return key;
}

Result<PrivateKey> PrivateKey::from_pkcs8(Algorithm algorithm, BytesView der) {
  PrivateKey key(algorithm, crypto::from_pkcs8(der));
  if (key.key_ == nullptr || !fits(algorithm, key.get()))
    return fail(Code::corrupt, "a private key in the state file can't be read");
  return key;
}

Secret PrivateKey::pkcs8() const { return crypto::to_pkcs8(key_.get()); }

Bytes PrivateKey::sign(BytesView message) const {
  return crypto::sign(key_.get(), algorithm_ == Algorithm::eddsa ? nullptr : EVP_sha256(), message);
}

Bytes PrivateKey::point() const {
  std::array<Byte, 65> point{};
  std::size_t size = 0;
  must(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size(), &size) == 1);
  must(size == point.size() && point[0] == 4);
  return {point.begin(), point.end()};
}

Value PrivateKey::cose_public() const {
  switch (algorithm_) {
    case Algorithm::es256:
      return cose_ec(point());
    case Algorithm::eddsa:
      return cose_okp(key_.get());
    case Algorithm::rs256:
      return cose_rsa(key_.get());
  }
  std::unreachable();
}

}  // namespace countersign::virtual_key
