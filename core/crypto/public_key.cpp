// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/public_key.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <utility>

#include "core/crypto/hash.h"
#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;

constexpr int smallest_modulus = 2048;  // bits
constexpr int largest_modulus = 4096;

// What an algorithm asks of a key.
struct Terms {
  const char* type;    // libcrypto's name
  const char* group;   // nullptr: none
  std::size_t field;   // octets of a coordinate, or of the key
  const char* digest;  // nullptr: the signature has its own
};

Terms terms_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::es256:
      return {"EC", "prime256v1", 32, "SHA256"};
    case SignatureAlgorithm::es384:
      return {"EC", "secp384r1", 48, "SHA384"};
    case SignatureAlgorithm::es512:
      return {"EC", "secp521r1", 66, "SHA512"};
    case SignatureAlgorithm::eddsa:
      return {"ED25519", nullptr, 32, nullptr};
    case SignatureAlgorithm::ed448:
      return {"ED448", nullptr, 57, nullptr};
    case SignatureAlgorithm::rs256:
      return {"RSA", nullptr, 0, "SHA256"};
  }
  std::unreachable();
}

// Fetched once: fetching costs more than a short digest.
const EVP_MD* digest_named(std::string_view name) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  must(sha256 != nullptr && sha384 != nullptr && sha512 != nullptr);
  return name == "SHA256" ? sha256 : name == "SHA384" ? sha384 : sha512;
}

std::unexpected<Error> unfit(SignatureAlgorithm algorithm, std::string_view why) {
  ERR_clear_error();
  return fail(Code::invalid,
              fmt::format("the public key is no {} key: {}", to_name(algorithm), why));
}

Result<void> require_rsa_bounds(SignatureAlgorithm algorithm, const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < smallest_modulus || bits > largest_modulus)
    return unfit(algorithm, fmt::format("its modulus has {} bits; {} to {} are taken", bits,
                                        smallest_modulus, largest_modulus));
  BIGNUM *n = nullptr, *e = nullptr;
  const bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1;
  const Number own_n(n), own_e(e);
  if (!read || BN_is_odd(n) == 0 || BN_is_odd(e) == 0 || BN_num_bits(e) > 32 || BN_is_one(e) != 0)
    return unfit(
        algorithm,
        "its modulus or exponent is not one of RSA, or the exponent has more than 32 bits");
  return {};
}

Result<void> require_terms(SignatureAlgorithm algorithm, EVP_PKEY* key) {
  const Terms terms = terms_of(algorithm);
  if (EVP_PKEY_is_a(key, terms.type) != 1) return unfit(algorithm, "it is of another type");
  if (algorithm == SignatureAlgorithm::rs256) return require_rsa_bounds(algorithm, key);
  if (terms.group == nullptr) return {};
  std::array<char, 64> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 ||
      std::string_view(group.data()) != terms.group)
    return unfit(algorithm, "it is on another curve");
  // These curves have no small subgroups: being on the curve, and not at infinity, is all.
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(context != nullptr);
  if (EVP_PKEY_public_check_quick(context.get()) != 1)
    return unfit(algorithm, "its point is not on the curve");
  return {};
}

Key from_parameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  must(parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return Key(key);
}

Bytes octets_of(const EVP_PKEY* key, const char* parameter) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(key, parameter, &number) == 1);
  const Number own(number);
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, octets.data());
  return octets;
}

EVP_MD_CTX* digest_context() {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  must(context != nullptr);
  return context.get();
}

}  // namespace

std::optional<SignatureAlgorithm> signature_algorithm(std::int64_t cose) {
  for (const auto& entry : enum_names<SignatureAlgorithm>)
    if (static_cast<std::int64_t>(entry.value) == cose) return entry.value;
  return std::nullopt;
}

// ready is a context with everything set that a check needs; each check works on a copy, which
// costs a hundredth of setting it up.
struct PublicKey::Parsed {
  SignatureAlgorithm algorithm;
  Key key;
  KeyContext ready;  // none where the signature digests by itself
};

Result<PublicKey> PublicKey::from_evp(SignatureAlgorithm algorithm, evp_pkey_st* key) {
  if (const auto fits = require_terms(algorithm, key); !fits) return std::unexpected(fits.error());
  must(EVP_PKEY_up_ref(key) == 1);
  auto parsed = std::make_shared<Parsed>(algorithm, Key(key), nullptr);
  if (const char* digest = terms_of(algorithm).digest) {
    parsed->ready.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    must(parsed->ready != nullptr && EVP_PKEY_verify_init(parsed->ready.get()) == 1);
    if (algorithm == SignatureAlgorithm::rs256)
      must(EVP_PKEY_CTX_set_rsa_padding(parsed->ready.get(), RSA_PKCS1_PADDING) == 1);
    must(EVP_PKEY_CTX_set_signature_md(parsed->ready.get(), digest_named(digest)) == 1);
  }
  return PublicKey(std::move(parsed));
}

Result<PublicKey> PublicKey::from_point(SignatureAlgorithm algorithm, const EcPoint& point) {
  const Terms terms = terms_of(algorithm);
  if (terms.group == nullptr) return unfit(algorithm, "it is a point of a curve");
  if (point.x.size() != terms.field || point.y.size() != terms.field)
    return unfit(algorithm, "its coordinates have another length");
  Bytes octets = {0x04};
  octets.insert(octets.end(), point.x.begin(), point.x.end());
  octets.insert(octets.end(), point.y.begin(), point.y.end());
  const Builder builder(OSSL_PARAM_BLD_new());
  must(builder != nullptr &&
       OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, terms.group, 0) ==
           1 &&
       OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, octets.data(),
                                        octets.size()) == 1);
  const Key key = from_parameters(terms.type, builder.get());
  if (key == nullptr) return unfit(algorithm, "its point is not on the curve");
  return from_evp(algorithm, key.get());
}

Result<PublicKey> PublicKey::from_edwards(SignatureAlgorithm algorithm, BytesView octets) {
  const Terms terms = terms_of(algorithm);
  if (terms.digest != nullptr) return unfit(algorithm, "it is a key of EdDSA");
  if (octets.size() != terms.field) return unfit(algorithm, "it has another length");
  const Key key(
      EVP_PKEY_new_raw_public_key_ex(nullptr, terms.type, nullptr, octets.data(), octets.size()));
  if (key == nullptr) return unfit(algorithm, "it can't be read");
  return from_evp(algorithm, key.get());
}

Result<PublicKey> PublicKey::from_rsa(SignatureAlgorithm algorithm, const RsaNumbers& numbers) {
  if (algorithm != SignatureAlgorithm::rs256) return unfit(algorithm, "it is an RSA key");
  if (numbers.n.size() > largest_modulus / 8 || numbers.e.size() > 8)
    return unfit(algorithm, "its modulus or exponent is too long");
  const Number n(BN_bin2bn(numbers.n.data(), static_cast<int>(numbers.n.size()), nullptr));
  const Number e(BN_bin2bn(numbers.e.data(), static_cast<int>(numbers.e.size()), nullptr));
  const Builder builder(OSSL_PARAM_BLD_new());
  must(n != nullptr && e != nullptr && builder != nullptr &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  const Key key = from_parameters("RSA", builder.get());
  if (key == nullptr) return unfit(algorithm, "its numbers can't be read");
  return from_evp(algorithm, key.get());
}

Result<PublicKey> PublicKey::from_spki(BytesView der) {
  using enum SignatureAlgorithm;
  for (const SignatureAlgorithm algorithm : {es256, es384, eddsa, rs256})
    if (auto key = from_spki(algorithm, der)) return key;
  return fail(Code::invalid,
              "the key is not supported. P-256, P-384, Ed25519 and RSA of 2048 to 4096 bits are");
}

Result<PublicKey> PublicKey::from_spki(SignatureAlgorithm algorithm, BytesView der) {
  const unsigned char* at = der.data();
  const Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr || at != der.data() + der.size()) return unfit(algorithm, "it can't be read");
  return from_evp(algorithm, key.get());
}

SignatureAlgorithm PublicKey::algorithm() const { return parsed_->algorithm; }

bool PublicKey::verify(std::initializer_list<BytesView> message, BytesView signature) const {
  EVP_MD_CTX* digest = digest_context();
  const char* name = terms_of(parsed_->algorithm).digest;
  bool good = false;
  if (name == nullptr) {
    Bytes whole;
    for (const BytesView part : message) whole.insert(whole.end(), part.begin(), part.end());
    must(EVP_MD_CTX_reset(digest) == 1 &&
         EVP_DigestVerifyInit_ex(digest, nullptr, nullptr, nullptr, nullptr, parsed_->key.get(),
                                 nullptr) == 1);
    good = EVP_DigestVerify(digest, signature.data(), signature.size(), whole.data(),
                            whole.size()) == 1;
    must(EVP_MD_CTX_reset(digest) == 1);
  } else {
    std::array<Byte, EVP_MAX_MD_SIZE> value;
    unsigned size = 0;
    must(EVP_DigestInit_ex2(digest, digest_named(name), nullptr) == 1);
    for (const BytesView part : message)
      must(EVP_DigestUpdate(digest, part.data(), part.size()) == 1);
    must(EVP_DigestFinal_ex(digest, value.data(), &size) == 1);
    const KeyContext context(EVP_PKEY_CTX_dup(parsed_->ready.get()));
    must(context != nullptr);
    good =
        EVP_PKEY_verify(context.get(), signature.data(), signature.size(), value.data(), size) == 1;
  }
  if (!good) ERR_clear_error();
  return good;
}

bool PublicKey::verify_rs1(std::initializer_list<BytesView> message, BytesView signature) const {
  if (parsed_->algorithm != SignatureAlgorithm::rs256) return false;
  const Bytes digest = sha1(message);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, parsed_->key.get(), nullptr));
  must(context != nullptr && EVP_PKEY_verify_init(context.get()) == 1);
  must(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
  // A libcrypto whose policy forbids SHA-1 refuses here: then the statement isn't good either.
  const bool good = EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha1()) == 1 &&
                    EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                    digest.data(), digest.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

std::optional<EcPoint> PublicKey::point() const {
  const Terms terms = terms_of(parsed_->algorithm);
  if (terms.group == nullptr) return std::nullopt;
  const auto padded = [&](const char* parameter) {
    const Bytes octets = octets_of(parsed_->key.get(), parameter);
    Bytes out(terms.field - octets.size(), 0);
    out.insert(out.end(), octets.begin(), octets.end());
    return out;
  };
  return EcPoint{padded(OSSL_PKEY_PARAM_EC_PUB_X), padded(OSSL_PKEY_PARAM_EC_PUB_Y)};
}

std::optional<RsaNumbers> PublicKey::rsa() const {
  if (parsed_->algorithm != SignatureAlgorithm::rs256) return std::nullopt;
  return RsaNumbers{octets_of(parsed_->key.get(), OSSL_PKEY_PARAM_RSA_N),
                    octets_of(parsed_->key.get(), OSSL_PKEY_PARAM_RSA_E)};
}

Bytes PublicKey::edwards() const {
  if (terms_of(parsed_->algorithm).digest != nullptr) return {};
  Bytes octets(terms_of(parsed_->algorithm).field);
  std::size_t size = octets.size();
  must(EVP_PKEY_get_raw_public_key(parsed_->key.get(), octets.data(), &size) == 1 &&
       size == octets.size());
  return octets;
}

Bytes PublicKey::spki() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(parsed_->key.get(), &der);
  must(size > 0);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

bool PublicKey::same_key(const PublicKey& other) const {
  return EVP_PKEY_eq(parsed_->key.get(), other.parsed_->key.get()) == 1;
}

std::optional<SignatureAlgorithm> key_algorithm(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA")) return SignatureAlgorithm::rs256;
  if (EVP_PKEY_is_a(key, "ED25519")) return SignatureAlgorithm::eddsa;
  if (!EVP_PKEY_is_a(key, "EC")) return std::nullopt;
  if (EVP_PKEY_get_bits(key) == 256)
    return SignatureAlgorithm::es256;  // of another curve of that size: from_evp refuses it
  if (EVP_PKEY_get_bits(key) == 384) return SignatureAlgorithm::es384;
  return std::nullopt;
}

Bytes ecdsa_to_der(BytesView raw) {
  if (raw.empty() || raw.size() % 2 != 0 || raw.size() > 132) return {};
  Bytes numbers;
  for (BytesView number : {raw.first(raw.size() / 2), raw.subspan(raw.size() / 2)}) {
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    const bool sign = number[0] >= 0x80;
    numbers.insert(numbers.end(), {0x02, static_cast<Byte>(number.size() + (sign ? 1 : 0))});
    if (sign) numbers.push_back(0);
    numbers.insert(numbers.end(), number.begin(), number.end());
  }
  Bytes der = {0x30};
  if (numbers.size() >= 0x80) der.push_back(0x81);
  der.push_back(static_cast<Byte>(numbers.size()));
  der.insert(der.end(), numbers.begin(), numbers.end());
  return der;
}

}  // namespace countersign::crypto
