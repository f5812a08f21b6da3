// SPDX-License-Identifier: Apache-2.0
// Public keys that check signatures, by the algorithms that WebAuthn names (IANA COSE Algorithms;
// WebAuthn L3 §5.8.5).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"
#include "core/base/result.h"

struct evp_pkey_st;

namespace countersign::crypto {

// The values are COSE's. Each has one curve: ES256 is P-256 with SHA-256, ES512 is P-521 with
// SHA-512, EdDSA is Ed25519.
enum class SignatureAlgorithm : std::int64_t {
  es256 = -7,
  eddsa = -8,
  es384 = -35,
  es512 = -36,
  ed448 = -53,
  rs256 = -257
};

[[nodiscard]] std::optional<SignatureAlgorithm> signature_algorithm(std::int64_t cose);

// RSASSA-PKCS1-v1_5 with SHA-1, as COSE numbers it. Not a SignatureAlgorithm, because nothing but a
// TPM's attestation statement may use it: Windows Hello signs those with it.
inline constexpr std::int64_t rs1 = -65535;

}  // namespace countersign::crypto

namespace countersign {
template <>
inline constexpr auto enum_names<crypto::SignatureAlgorithm> =
    std::to_array<EnumName<crypto::SignatureAlgorithm>>({
        {crypto::SignatureAlgorithm::es256, "ES256"},
        {crypto::SignatureAlgorithm::eddsa, "EdDSA"},
        {crypto::SignatureAlgorithm::es384, "ES384"},
        {crypto::SignatureAlgorithm::es512, "ES512"},
        {crypto::SignatureAlgorithm::ed448, "Ed448"},
        {crypto::SignatureAlgorithm::rs256, "RS256"},
    });
}  // namespace countersign

namespace countersign::crypto {

struct EcPoint {
  Bytes x, y;  // as long as the field's elements
  bool operator==(const EcPoint&) const = default;
};
struct RsaNumbers {
  Bytes n, e;  // big-endian, no leading zeros
  bool operator==(const RsaNumbers&) const = default;
};

// A parsed key and the one algorithm it is for. Immutable; copies share it; any thread may verify.
// Making one costs as much as several checks: keep it.
class PublicKey {
 public:
  // Code::invalid: not the algorithm's curve or size, a point that is not on the curve, an RSA
  // modulus outside of 2048 to 4096 bits, an exponent that is even or beyond 32 bits.
  [[nodiscard]] static Result<PublicKey> from_point(SignatureAlgorithm algorithm,
                                                    const EcPoint& point);
  [[nodiscard]] static Result<PublicKey> from_edwards(SignatureAlgorithm algorithm, BytesView key);
  [[nodiscard]] static Result<PublicKey> from_rsa(SignatureAlgorithm algorithm,
                                                  const RsaNumbers& numbers);
  [[nodiscard]] static Result<PublicKey> from_spki(SignatureAlgorithm algorithm,
                                                   BytesView der);  // RFC 5280 §4.1.2.7
  // What signs on cards, whichever it is: P-256, P-384, Ed25519, RSA (as RS256).
  [[nodiscard]] static Result<PublicKey> from_spki(BytesView der);
  // Shares libcrypto's key; for this folder.
  [[nodiscard]] static Result<PublicKey> from_evp(SignatureAlgorithm algorithm, evp_pkey_st* key);

  [[nodiscard]] SignatureAlgorithm algorithm() const;
  // Whether the signature is one over the parts, one after the other. ECDSA signatures are DER
  // (Ecdsa-Sig-Value), as WebAuthn has them.
  [[nodiscard]] bool verify(std::initializer_list<BytesView> message, BytesView signature) const;
  [[nodiscard]] bool verify(BytesView message, BytesView signature) const {
    return verify({message}, signature);
  }

  // The same with RS1, by an RSA key; false for other keys.
  [[nodiscard]] bool verify_rs1(std::initializer_list<BytesView> message,
                                BytesView signature) const;

  // What it is made of; nothing for a key of another type.
  [[nodiscard]] std::optional<EcPoint> point() const;
  [[nodiscard]] std::optional<RsaNumbers> rsa() const;
  [[nodiscard]] Bytes edwards() const;  // empty: no such key

  [[nodiscard]] Bytes spki() const;  // SubjectPublicKeyInfo, DER

  // The same key; the algorithm is not compared.
  [[nodiscard]] bool same_key(const PublicKey& other) const;

 private:
  struct Parsed;
  explicit PublicKey(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<const Parsed> parsed_;
};

// What a key of libcrypto signs with: P-256, P-384, Ed25519, RSA (as RS256). Nothing: another kind
// of key. For this folder.
[[nodiscard]] std::optional<SignatureAlgorithm> key_algorithm(const evp_pkey_st* key);

// A signature r || s, as JOSE has it (RFC 7518 §3.4), in the form that verify takes. Empty when its
// length is odd or beyond 132 octets.
[[nodiscard]] Bytes ecdsa_to_der(BytesView raw);

}  // namespace countersign::crypto
