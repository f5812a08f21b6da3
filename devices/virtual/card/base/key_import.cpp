// SPDX-License-Identifier: Apache-2.0
// Keys that were made elsewhere: the missing numbers are computed.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "core/crypto/openssl.h"
#include "devices/virtual/card/base/key.h"

namespace countersign::virtual_card {
namespace {

using crypto::KeyHandle;
using crypto::must;
using crypto::Release;
using Number = std::unique_ptr<BIGNUM, Release<&BN_clear_free>>;
using Scratch = std::unique_ptr<BN_CTX, Release<&BN_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<&OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<&OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

std::unexpected<Error> refused() {
  return fail(Code::invalid, "these numbers are no private key of this type");
}

Number number(BytesView octets) {
  Number made(BN_secure_new());
  must(made != nullptr &&
       BN_bin2bn(octets.data(), static_cast<int>(octets.size()), made.get()) != nullptr);
  return made;
}

Number empty() {
  Number made(BN_secure_new());
  must(made != nullptr);
  return made;
}

KeyHandle build(const char* name, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr));
  must(parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  (void)EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get());
  return KeyHandle(key);
}

KeyHandle ec_key(KeyType type, BytesView scalar) {
  const std::unique_ptr<EC_GROUP, Release<&EC_GROUP_free>> group(
      EC_GROUP_new_by_curve_name(type == KeyType::p256 ? NID_X9_62_prime256v1 : NID_secp384r1));
  const Scratch scratch(BN_CTX_new());
  const Number secret = number(scalar);
  must(group != nullptr && scratch != nullptr);
  if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), EC_GROUP_get0_order(group.get())) >= 0)
    return nullptr;
  const std::unique_ptr<EC_POINT, Release<&EC_POINT_free>> point(EC_POINT_new(group.get()));
  Bytes coded(2 * size_of(type) + 1);
  must(point != nullptr &&
       EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, scratch.get()) == 1);
  must(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, coded.data(),
                          coded.size(), scratch.get()) == coded.size());
  const Builder builder(OSSL_PARAM_BLD_new());
  must(builder != nullptr &&
       OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                       type == KeyType::p256 ? "P-256" : "P-384", 0) == 1);
  must(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, coded.data(),
                                        coded.size()) == 1);
  must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get()) == 1);
  return build("EC", builder.get());
}

}  // namespace

Result<CardKey> CardKey::from_primes(KeyType type, BytesView p_octets, BytesView q_octets) {
  if (!is_rsa(type) || p_octets.size() > size_of(type) || q_octets.size() > size_of(type))
    return refused();
  const Scratch scratch(BN_CTX_new());
  const Number p = number(p_octets), q = number(q_octets), e = empty(), one = empty();
  const Number n = empty(), p1 = empty(), q1 = empty(), phi = empty(), d = empty(), dp = empty(),
               dq = empty(), qi = empty();
  must(scratch != nullptr && BN_set_word(e.get(), 65'537) == 1 && BN_one(one.get()) == 1);
  must(BN_mul(n.get(), p.get(), q.get(), scratch.get()) == 1);
  if (static_cast<std::size_t>(BN_num_bits(n.get())) != size_of(type) * 8) return refused();
  must(BN_sub(p1.get(), p.get(), one.get()) == 1 && BN_sub(q1.get(), q.get(), one.get()) == 1 &&
       BN_mul(phi.get(), p1.get(), q1.get(), scratch.get()) == 1);
  const bool prime = BN_check_prime(p.get(), scratch.get(), nullptr) == 1 &&
                     BN_check_prime(q.get(), scratch.get(), nullptr) == 1;
  if (!prime || BN_cmp(p.get(), q.get()) == 0 ||
      BN_mod_inverse(d.get(), e.get(), phi.get(), scratch.get()) == nullptr)
    return refused();
  must(BN_mod(dp.get(), d.get(), p1.get(), scratch.get()) == 1 &&
       BN_mod(dq.get(), d.get(), q1.get(), scratch.get()) == 1);
  must(BN_mod_inverse(qi.get(), q.get(), p.get(), scratch.get()) != nullptr);
  const Builder builder(OSSL_PARAM_BLD_new());
  must(builder != nullptr);
  const std::pair<const char*, const Number*> parts[] = {
      {OSSL_PKEY_PARAM_RSA_N, &n},          {OSSL_PKEY_PARAM_RSA_E, &e},
      {OSSL_PKEY_PARAM_RSA_D, &d},          {OSSL_PKEY_PARAM_RSA_FACTOR1, &p},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, &q},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, &dp},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, &dq}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &qi}};
  for (const auto& [name, part] : parts)
    must(OSSL_PARAM_BLD_push_BN(builder.get(), name, part->get()) == 1);
  CardKey key(type, build("RSA", builder.get()));
  if (key.key_ == nullptr) return refused();
  return key;
}

Result<CardKey> CardKey::from_scalar(KeyType type, BytesView scalar) {
  if (is_rsa(type) || scalar.size() != size_of(type)) return refused();
  const auto raw = [&](int id) {
    return KeyHandle(EVP_PKEY_new_raw_private_key(id, nullptr, scalar.data(), scalar.size()));
  };
  CardKey key(type, is_ec(type)
                        ? ec_key(type, scalar)
                        : raw(type == KeyType::ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_X25519));
  if (key.key_ == nullptr) return refused();
  return key;
}

}  // namespace countersign::virtual_card
