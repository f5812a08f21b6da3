// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/cose.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/encoding/cbor.h"

namespace countersign::crypto {
namespace {

namespace cbor = formats::cbor;

// Labels of the map, key types and curves (IANA COSE Key Types, COSE Elliptic Curves).
constexpr std::int64_t kty = 1, alg = 3;
constexpr std::int64_t okp = 1, ec2 = 2, rsa = 3;
constexpr std::int64_t crv = -1, x = -2, y = -3;  // OKP, EC2
constexpr std::int64_t n = -1, e = -2;            // RSA

// The algorithm's curve; 0: none.
std::int64_t curve_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::es256:
      return 1;
    case SignatureAlgorithm::es384:
      return 2;
    case SignatureAlgorithm::es512:
      return 3;
    case SignatureAlgorithm::eddsa:
      return 6;
    case SignatureAlgorithm::ed448:
      return 7;
    case SignatureAlgorithm::rs256:
      return 0;
  }
  std::unreachable();
}

std::int64_t type_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::es256:
    case SignatureAlgorithm::es384:
    case SignatureAlgorithm::es512:
      return ec2;
    case SignatureAlgorithm::eddsa:
    case SignatureAlgorithm::ed448:
      return okp;
    case SignatureAlgorithm::rs256:
      return rsa;
  }
  std::unreachable();
}

// WebAuthn L3 §6.5.1.1: no optional parameters. How many there are, then, tells whether others came
// along.
bool parameters_are(const cbor::Value& key, std::size_t count) {
  return key.map()->size() == count;
}

// ML-DSA-44, -65 and -87 (IANA COSE Algorithms): libcrypto 3.0 can't check them.
constexpr bool is_ml_dsa(std::int64_t number) { return number <= -48 && number >= -50; }

std::unexpected<Error> malformed() {
  return fail(Code::corrupt,
              "the COSE key lacks a parameter of its type, or has one that is not its type's");
}

}  // namespace

Result<PublicKey> public_key_from_cose(BytesView cose_key) {
  const auto key = TRY(cbor::parse(cose_key, {.depth = 1, .items = 16}));
  if (key.map() == nullptr) return fail(Code::corrupt, "the COSE key is no map");
  const auto type = key.integer_at(kty);
  const auto number = key.integer_at(alg);
  if (!type || !number) return malformed();
  const auto algorithm = signature_algorithm(*number);
  if (!algorithm && is_ml_dsa(*number))
    return fail(Code::invalid, fmt::format("the COSE key is for algorithm {} (ML-DSA), which "
                                           "Countersign does not offer yet; enroll the key "
                                           "with ES256, EdDSA or RS256",
                                           *number));
  if (!algorithm)
    return fail(Code::invalid,
                fmt::format("the COSE key is for algorithm {}, which is not supported", *number));
  if (*type != type_of(*algorithm))
    return fail(Code::invalid, "the COSE key's type does not fit its algorithm");
  if (*type == rsa) {
    const Bytes *modulus = key.bytes_at(n), *exponent = key.bytes_at(e);
    if (modulus == nullptr || exponent == nullptr || !parameters_are(key, 4)) return malformed();
    return PublicKey::from_rsa(*algorithm, {*modulus, *exponent});
  }
  if (key.integer_at(crv) != curve_of(*algorithm))
    return fail(Code::invalid, "the COSE key's curve does not fit its algorithm");
  const Bytes* first = key.bytes_at(x);
  if (*type == okp) {
    if (first == nullptr || !parameters_are(key, 4)) return malformed();
    return PublicKey::from_edwards(*algorithm, *first);
  }
  const Bytes* second = key.bytes_at(y);
  if (first == nullptr || second == nullptr || !parameters_are(key, 5)) return malformed();
  return PublicKey::from_point(*algorithm, {*first, *second});
}

Bytes to_cose(const PublicKey& key) {
  const SignatureAlgorithm algorithm = key.algorithm();
  cbor::Value::Map map = {{kty, type_of(algorithm)}, {alg, static_cast<std::int64_t>(algorithm)}};
  if (const auto numbers = key.rsa()) {
    map.push_back({n, numbers->n});
    map.push_back({e, numbers->e});
  } else {
    map.push_back({crv, curve_of(algorithm)});
    if (const auto point = key.point()) {
      map.push_back({x, point->x});
      map.push_back({y, point->y});
    } else {
      map.push_back({x, key.edwards()});
    }
  }
  return cbor::encode(cbor::Value::map(std::move(map)));
}

}  // namespace countersign::crypto
