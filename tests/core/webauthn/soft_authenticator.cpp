// SPDX-License-Identifier: Apache-2.0
#include "tests/core/webauthn/soft_authenticator.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "core/crypto/cose.h"
#include "core/crypto/hash.h"
#include "core/webauthn/client.h"

namespace countersign::test {
namespace {

using webauthn::AttestationFormat;
namespace cbor = formats::cbor;

void require(bool held) {
  if (!held) throw std::runtime_error("OpenSSL fails");
}

Bytes big_endian(std::uint64_t value, std::size_t octets) {
  Bytes out(octets);
  for (std::size_t i = octets; i-- > 0; value >>= 8U) out[i] = static_cast<Byte>(value);
  return out;
}

Bytes sized(BytesView content) { return joined({big_endian(content.size(), 2), content}); }

std::shared_ptr<EVP_PKEY> generate(crypto::SignatureAlgorithm algorithm) {
  using enum crypto::SignatureAlgorithm;
  EVP_PKEY* key = algorithm == es256   ? EVP_EC_gen("P-256")
                  : algorithm == es384 ? EVP_EC_gen("P-384")
                  : algorithm == es512 ? EVP_EC_gen("P-521")
                  : algorithm == rs256 ? EVP_RSA_gen(2048)
                  : algorithm == ed448 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")
                                       : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  require(key != nullptr);
  return {key, &EVP_PKEY_free};
}

const EVP_MD* digest_of(crypto::SignatureAlgorithm algorithm) {
  using enum crypto::SignatureAlgorithm;
  return algorithm == eddsa || algorithm == ed448 ? nullptr
         : algorithm == es384                     ? EVP_sha384()
         : algorithm == es512                     ? EVP_sha512()
                                                  : EVP_sha256();
}

void add_extension(X509* certificate, const std::string& oid, bool critical, BytesView value) {
  ASN1_OBJECT* object = OBJ_txt2obj(oid.c_str(), 1);
  ASN1_OCTET_STRING* octets = ASN1_OCTET_STRING_new();
  require(ASN1_OCTET_STRING_set(octets, value.data(), static_cast<int>(value.size())) == 1);
  X509_EXTENSION* extension =
      X509_EXTENSION_create_by_OBJ(nullptr, object, critical ? 1 : 0, octets);
  require(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(octets);
  ASN1_OBJECT_free(object);
}

X509_NAME* name_of(const std::vector<std::pair<std::string, std::string>>& attributes) {
  X509_NAME* name = X509_NAME_new();
  for (const auto& [oid, text] : attributes) {
    ASN1_OBJECT* object = OBJ_txt2obj(oid.c_str(), 1);
    require(X509_NAME_add_entry_by_OBJ(name, object, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()), -1, 0) == 1);
    ASN1_OBJECT_free(object);
  }
  return name;
}

crypto::Certificate make_certificate(EVP_PKEY* subject, const CertificateOptions& options,
                                     const std::string& issuer, const SigningKey& signer) {
  static int serial = 1;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509* raw = certificate.get();
  require(X509_set_version(raw, options.version - 1) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial) == 1);
  require(ASN1_TIME_set(X509_getm_notBefore(raw), options.from) != nullptr &&
          ASN1_TIME_set(X509_getm_notAfter(raw), options.until) != nullptr);
  X509_NAME *own = name_of(options.subject), *above = name_of({{"2.5.4.3", issuer}});
  require(X509_set_subject_name(raw, own) == 1 && X509_set_issuer_name(raw, above) == 1 &&
          X509_set_pubkey(raw, subject) == 1);
  X509_NAME_free(own);
  X509_NAME_free(above);
  if (options.ca)
    add_extension(raw, "2.5.29.19", true,
                  *options.ca ? der(0x30, {der(0x01, {Bytes{0xFF}})}) : der(0x30, {}));
  if (!options.dns_name.empty())
    add_extension(raw, "2.5.29.17", false, der(0x30, {der(0x82, {as_bytes(options.dns_name)})}));
  for (const auto& one : options.extensions) add_extension(raw, one.oid, one.critical, one.value);
  require(X509_sign(raw, signer.raw(), digest_of(signer.algorithm())) > 0);
  unsigned char* out = nullptr;
  const int size = i2d_X509(raw, &out);
  const Bytes encoded(out, out + size);
  OPENSSL_free(out);
  return crypto::Certificate::parse(encoded).value();
}

Bytes public_area(const crypto::PublicKey& key, std::uint16_t name_algorithm) {
  const Bytes attributes = joined({big_endian(name_algorithm, 2), Bytes(4, 0)});
  if (const auto rsa = key.rsa())
    return joined({Bytes{0x00, 0x01}, attributes, sized({}), Bytes{0x00, 0x10, 0x00, 0x10},
                   big_endian(rsa->n.size() * 8, 2), Bytes(4, 0), sized(rsa->n)});
  const auto point = key.point().value();
  return joined({Bytes{0x00, 0x23}, attributes, sized({}),
                 Bytes{0x00, 0x10, 0x00, 0x10, 0x00, 0x03, 0x00, 0x10}, sized(point.x),
                 sized(point.y)});
}

Bytes certify_info(BytesView extra_data, BytesView area, std::uint16_t name_algorithm) {
  const Bytes digest =
      name_algorithm == 0x0004 ? crypto::sha1({area}) : crypto::sha2(crypto::Sha2::sha256, {area});
  const Bytes name = joined({big_endian(name_algorithm, 2), digest});
  return joined({Bytes{0xFF, 0x54, 0x43, 0x47, 0x80, 0x17}, sized({}), sized(extra_data),
                 Bytes(17, 0), Bytes(8, 0), sized(name), sized({})});
}

Bytes key_description(BytesView challenge, BytesView software, BytesView tee) {
  return der(0x30, {der(0x02, {Bytes{3}}), der(0x0A, {Bytes{1}}), der(0x02, {Bytes{4}}),
                    der(0x0A, {Bytes{1}}), der(0x04, {challenge}), der(0x04, {}),
                    der(0x30, {software}), der(0x30, {tee})});
}

Bytes signed_by(EVP_PKEY* key, const EVP_MD* digest, BytesView message) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  require(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1);
  std::size_t size = 0;
  require(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  require(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
          1);
  signature.resize(size);
  return signature;
}

}  // namespace

Bytes bytes_of(BytesView view) { return {view.begin(), view.end()}; }

Bytes joined(std::initializer_list<BytesView> parts) {
  Bytes out;
  for (const BytesView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes der(Byte identifier, std::initializer_list<BytesView> content) {
  const Bytes inside = joined(content);
  Bytes head = {identifier};
  if (inside.size() >= 0x100)
    head.insert(head.end(), {0x82, static_cast<Byte>(inside.size() >> 8U)});
  else if (inside.size() >= 0x80)
    head.push_back(0x81);
  head.push_back(static_cast<Byte>(inside.size()));
  return joined({head, inside});
}

Bytes der_tagged(std::uint32_t tag, BytesView content) {
  if (tag < 31) return der(static_cast<Byte>(0xA0 | tag), {content});
  const Bytes plain = der(0xBF, {content});
  return joined({Bytes{0xBF, static_cast<Byte>(0x80 | tag >> 7U), static_cast<Byte>(tag & 0x7FU)},
                 BytesView(plain).subspan(1)});
}

SigningKey::SigningKey(crypto::SignatureAlgorithm algorithm)
    : algorithm_(algorithm), key_(generate(algorithm)) {}

crypto::PublicKey SigningKey::public_key() const {
  return crypto::PublicKey::from_evp(algorithm_, key_.get()).value();
}

Bytes SigningKey::sign(BytesView message) const {
  return signed_by(key_.get(), digest_of(algorithm_), message);
}
Bytes SigningKey::sign_rs1(BytesView message) const {
  return signed_by(key_.get(), EVP_sha1(), message);
}

SigningKey SigningKey::rsa(unsigned bits) {
  EVP_PKEY* key = EVP_RSA_gen(bits);
  require(key != nullptr);
  return {crypto::SignatureAlgorithm::rs256, {key, &EVP_PKEY_free}};
}

Authority::Authority(const std::string& name, crypto::SignatureAlgorithm algorithm)
    : key_(algorithm),
      name_(name),
      certificate_(
          make_certificate(key_.raw(), {.subject = {{"2.5.4.3", name}}, .ca = true}, name, key_)) {}

crypto::Certificate Authority::issue(const SigningKey& subject,
                                     const CertificateOptions& options) const {
  return make_certificate(subject.raw(), options, name_, key_);
}

Authority Authority::below(const std::string& name, const std::vector<Bytes>& usages) const {
  CertificateOptions options{.subject = {{"2.5.4.3", name}}, .ca = true};
  Bytes all;
  for (const Bytes& usage : usages) all = joined({all, der(0x06, {usage})});
  if (!usages.empty()) options.extensions.push_back({"2.5.29.37", false, der(0x30, {all})});
  const SigningKey key;
  return {key, name, issue(key, options)};
}

CertificateOptions packed_certificate() {
  return {.subject = {{"2.5.4.6", "SE"},
                      {"2.5.4.10", "Maker"},
                      {"2.5.4.11", "Authenticator Attestation"},
                      {"2.5.4.3", "Batch 1"}}};
}

CertificateOptions tpm_certificate() {
  Bytes names;
  for (const Byte last : {Byte{1}, Byte{2}, Byte{3}})
    names = joined({names, der(0x31, {der(0x30, {der(0x06, {Bytes{0x67, 0x81, 0x05, 0x02, last}}),
                                                 der(0x0C, {as_bytes("id:1")})})})});
  const Bytes alternative = der(0x30, {der(0xA4, {der(0x30, {names})})});
  const Bytes usage = der(0x30, {der(0x06, {Bytes{0x67, 0x81, 0x05, 0x08, 0x03}})});
  return {.extensions = {{"2.5.29.17", true, alternative}, {"2.5.29.37", false, usage}}};
}

Bytes aaguid_extension(const webauthn::Aaguid& aaguid) { return der(0x04, {aaguid}); }

Bytes Said::client_data() const {
  if (json) return bytes_of(as_bytes(*json));
  const auto top = top_origin ? std::optional<std::string_view>(*top_origin) : std::nullopt;
  return bytes_of(as_bytes(webauthn::build_client_data({.type = type,
                                                        .challenge = challenge,
                                                        .origin = origin,
                                                        .cross_origin = cross_origin,
                                                        .top_origin = top})));
}

Bytes Said::authenticator_data(BytesView attested_credential) const {
  const Bytes outputs = extensions ? cbor::encode(*extensions) : Bytes();
  const Byte all = static_cast<Byte>(flags | (extensions ? 0x80U : 0U));
  return joined({crypto::sha256(as_bytes(rp_id)), Bytes{all}, big_endian(counter, 4),
                 attested_credential, outputs});
}

Registration Registration::of(AttestationFormat format, const Authority& authority) {
  Registration one;
  one.format = format;
  one.authority = &authority;
  switch (format) {
    case AttestationFormat::packed:
      one.certificate = packed_certificate();
      break;
    case AttestationFormat::tpm:
      one.certificate = tpm_certificate();
      break;
    case AttestationFormat::android_key:
      one.certificate = packed_certificate();
      one.android_tee = joined({der_tagged(1, der(0x31, {der(0x02, {Bytes{2}})})),
                                der_tagged(702, der(0x02, {Bytes{0}}))});
      break;
    case AttestationFormat::fido_u2f:
      one.certificate = packed_certificate();
      break;
    case AttestationFormat::apple:
      one.certificate = packed_certificate();
      break;
    case AttestationFormat::none:
      break;
  }
  if (format != AttestationFormat::fido_u2f && format != AttestationFormat::none)
    one.aaguid.fill(0xAA);
  return one;
}

Registration::Made Registration::make() const {
  Made made{.client_data = said.client_data()};
  const Bytes attested = joined(
      {aaguid, big_endian(id.size(), 2), id, cose ? *cose : crypto::to_cose(key.public_key())});
  const Bytes data = said.authenticator_data(credential ? BytesView(attested) : BytesView());
  Bytes hash = bytes_of(crypto::sha256(made.client_data));
  if (edit_hash) edit_hash(hash);
  cbor::Value::Map members = statement(data, hash);
  if (edit_statement) edit_statement(members);
  cbor::Value::Map object = {
      {"fmt", to_name(format)}, {"attStmt", cbor::Value::map(members)}, {"authData", data}};
  if (edit_object) edit_object(object);
  made.object = cbor::encode(cbor::Value::map(object));
  return made;
}

cbor::Value::Map Registration::statement(BytesView data, BytesView hash) const {
  const Bytes message = joined({data, hash});
  const auto chain = [&](const SigningKey& subject, CertificateOptions options) {
    return cbor::Value::array({authority->issue(subject, options).der()});
  };
  switch (format) {
    case AttestationFormat::none:
      return {};
    case AttestationFormat::packed:
      if (self) return {{"alg", algorithm_said}, {"sig", key.sign(message)}};
      return {{"alg", algorithm_said},
              {"sig", attestation_key.sign(message)},
              {"x5c", chain(attestation_key, certificate)}};
    case AttestationFormat::fido_u2f: {
      const auto point = key.public_key().point().value_or(crypto::EcPoint{});
      const Bytes signed_data = joined(
          {Bytes{0}, crypto::sha256(as_bytes(said.rp_id)), hash, id, Bytes{4}, point.x, point.y});
      return {{"sig", attestation_key.sign(signed_data)},
              {"x5c", chain(attestation_key, certificate)}};
    }
    case AttestationFormat::tpm: {
      Bytes area = public_area(key.public_key(), name_algorithm);
      if (edit_public_area) edit_public_area(area);
      const bool rs1 = algorithm_said == crypto::rs1;
      Bytes info = certify_info(
          rs1 ? crypto::sha1({message}) : crypto::sha2(crypto::Sha2::sha256, {message}), area,
          name_algorithm);
      if (edit_certify_info) edit_certify_info(info);
      const Bytes signature =
          rs1 && attestation_key.algorithm() == crypto::SignatureAlgorithm::rs256
              ? attestation_key.sign_rs1(info)
              : attestation_key.sign(info);
      return {{"ver", "2.0"},     {"alg", algorithm_said},
              {"sig", signature}, {"x5c", chain(attestation_key, certificate)},
              {"certInfo", info}, {"pubArea", area}};
    }
    case AttestationFormat::android_key: {
      CertificateOptions options = certificate;
      options.extensions.push_back({"1.3.6.1.4.1.11129.2.1.17", false,
                                    key_description(hash, android_software, android_tee)});
      return {{"alg", algorithm_said}, {"sig", key.sign(message)}, {"x5c", chain(key, options)}};
    }
    case AttestationFormat::apple: {
      CertificateOptions options = certificate;
      options.extensions.push_back(
          {"1.2.840.113635.100.8.2", false,
           der(0x30, {der_tagged(1, der(0x04, {crypto::sha256(message)}))})});
      return {{"x5c", chain(key, options)}};
    }
  }
  std::unreachable();
}

Authentication::Made Authentication::make() const {
  Made made{.id = id,
            .client_data = said.client_data(),
            .authenticator_data = said.authenticator_data(),
            .signature = {},
            .user_handle = user_handle};
  made.signature = key.sign(joined({made.authenticator_data, crypto::sha256(made.client_data)}));
  return made;
}

}  // namespace countersign::test
