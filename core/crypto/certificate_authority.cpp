// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/certificate_authority.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "core/base/text.h"
#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using Raw = std::unique_ptr<X509, Release<X509_free>>;
using CertificateRequest = std::unique_ptr<X509_REQ, Release<X509_REQ_free>>;
using RawKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Algorithm = std::unique_ptr<X509_ALGOR, Release<X509_ALGOR_free>>;
using BitString = std::unique_ptr<ASN1_BIT_STRING, Release<ASN1_BIT_STRING_free>>;
using Octets = std::unique_ptr<ASN1_OCTET_STRING, Release<ASN1_OCTET_STRING_free>>;
using ExtensionItem = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Usages = std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE_free>>;

constexpr std::size_t longest_common_name = 64;  // ub-common-name (RFC 5280 appendix A)
constexpr std::size_t serial_size = 16;

template <class T>
Bytes encoded(int (*encode)(const T*, unsigned char**), const T* object) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  must(size > 0);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

RawKey raw_key(const PublicKey& key) {
  const Bytes spki = key.spki();
  const unsigned char* at = spki.data();
  RawKey raw(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  must(raw != nullptr);
  return raw;
}

Result<void> name_fits(const std::string& name) {
  if (name.empty() || name.size() > longest_common_name || !is_utf8(name) ||
      name.find('\0') != std::string::npos)
    return fail(Code::invalid, "a certificate's name has 1 to 64 characters");
  return {};
}

void set_name(X509_NAME* name, const std::string& common_name) {
  must(X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING,
                                  reinterpret_cast<const unsigned char*>(common_name.data()),
                                  static_cast<int>(common_name.size()), -1, 0) == 1);
}

int signature_nid(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::es256:
      return NID_ecdsa_with_SHA256;
    case SignatureAlgorithm::es384:
      return NID_ecdsa_with_SHA384;
    case SignatureAlgorithm::es512:
      return NID_ecdsa_with_SHA512;
    case SignatureAlgorithm::eddsa:
      return NID_ED25519;
    case SignatureAlgorithm::ed448:
      return NID_ED448;
    case SignatureAlgorithm::rs256:
      return NID_sha256WithRSAEncryption;
  }
  std::abort();
}

void set_time(ASN1_TIME* out, Time time) {
  must(ASN1_TIME_set(out, static_cast<std::time_t>(unix_seconds(time))) != nullptr);
}

// 127 random bits, positive, never zero (RFC 5280 §4.1.2.2).
void set_serial(X509* raw, Random& random) {
  Bytes octets(serial_size);
  random.fill(octets);
  octets[0] = static_cast<Byte>((octets[0] & 0x3f) | 0x40);
  const std::unique_ptr<BIGNUM, Release<BN_free>> number(
      BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  must(number != nullptr &&
       BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(raw)) != nullptr);
}

void add_extension(X509* raw, X509V3_CTX& context, int nid, const char* value) {
  const ExtensionItem extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  must(extension != nullptr && X509_add_ext(raw, extension.get(), -1) == 1);
}

void add_names(X509* raw, BytesView value) {
  if (value.empty()) return;
  const Octets octets(ASN1_OCTET_STRING_new());
  must(octets != nullptr &&
       ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) == 1);
  const ExtensionItem extension(
      X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 0, octets.get()));
  must(extension != nullptr && X509_add_ext(raw, extension.get(), -1) == 1);
}

void add_usages(X509* raw, const std::vector<std::string>& oids) {
  if (oids.empty()) return;
  const Usages usages(EXTENDED_KEY_USAGE_new());
  must(usages != nullptr);
  for (const std::string& oid : oids) {
    ASN1_OBJECT* object = OBJ_txt2obj(oid.c_str(), 1);
    must(object != nullptr && sk_ASN1_OBJECT_push(usages.get(), object) > 0);
  }
  must(X509_add1_ext_i2d(raw, NID_ext_key_usage, usages.get(), 0, X509V3_ADD_APPEND) == 1);
}

Result<Certificate> finished(X509* raw, EVP_PKEY* key) {
  const bool edwards =
      EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");  // they have their own digest
  must(X509_sign(raw, key, edwards ? nullptr : EVP_sha384()) > 0);
  return Certificate::parse(encoded(i2d_X509, raw));
}

// A certificate without its extensions.
Raw begun(const std::string& common_name, const X509_NAME* issuer, EVP_PKEY* key, Time from,
          Time until, Random& random) {
  Raw raw(X509_new());
  must(raw != nullptr && X509_set_version(raw.get(), X509_VERSION_3) == 1 &&
       X509_set_pubkey(raw.get(), key) == 1);
  set_serial(raw.get(), random);
  set_name(X509_get_subject_name(raw.get()), common_name);
  must(X509_set_issuer_name(raw.get(),
                            issuer != nullptr ? issuer : X509_get_subject_name(raw.get())) == 1);
  set_time(X509_getm_notBefore(raw.get()), from);
  set_time(X509_getm_notAfter(raw.get()), until);
  return raw;
}

}  // namespace

Result<RequestDraft> RequestDraft::make(const std::string& common_name, const PublicKey& key) {
  TRY(name_fits(common_name));
  const CertificateRequest request(X509_REQ_new());
  const RawKey raw = raw_key(key);
  must(request != nullptr && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
       X509_REQ_set_pubkey(request.get(), raw.get()) == 1);
  set_name(X509_REQ_get_subject_name(request.get()), common_name);
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_REQ_tbs(request.get(), &der);
  must(size > 0);
  Bytes to_sign(der, der + size);
  OPENSSL_free(der);
  return RequestDraft(key, std::move(to_sign));
}

Result<Bytes> RequestDraft::finish(BytesView signature) const {
  if (!key_.verify(to_sign_, signature))
    return fail(Code::invalid, "the card's signature is not one of the key that it made");
  // CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm, signature }
  // (RFC 2986 §4.2)
  const Algorithm algorithm(X509_ALGOR_new());
  const BitString bits(ASN1_BIT_STRING_new());
  must(algorithm != nullptr && bits != nullptr);
  const bool rsa =
      key_.algorithm() ==
      SignatureAlgorithm::rs256;  // has NULL for parameters (RFC 4055 §5), the others none
  must(X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(signature_nid(key_.algorithm())),
                       rsa ? V_ASN1_NULL : V_ASN1_UNDEF, nullptr) == 1);
  must(ASN1_BIT_STRING_set(bits.get(), const_cast<unsigned char*>(signature.data()),
                           static_cast<int>(signature.size())) == 1);
  bits->flags = (bits->flags & ~0x07L) | ASN1_STRING_FLAG_BITS_LEFT;  // no unused bits
  Bytes content = to_sign_;
  for (const Bytes& part :
       {encoded(i2d_X509_ALGOR, algorithm.get()), encoded(i2d_ASN1_BIT_STRING, bits.get())})
    content.insert(content.end(), part.begin(), part.end());
  unsigned char* head = nullptr;
  const int whole = ASN1_object_size(1, static_cast<int>(content.size()), V_ASN1_SEQUENCE);
  Bytes out(static_cast<std::size_t>(whole));
  head = out.data();
  ASN1_put_object(&head, 1, static_cast<int>(content.size()), V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  std::copy(content.begin(), content.end(), head);
  return out;
}

Result<PublicKey> requested_key(BytesView content) {
  CertificateRequest request;
  if (!content.empty() && content[0] == 0x30) {
    const unsigned char* at = content.data();
    request.reset(d2i_X509_REQ(nullptr, &at, static_cast<long>(content.size())));
  } else {
    const Bio bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    must(bio != nullptr);
    request.reset(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  }
  ERR_clear_error();
  if (request == nullptr)
    return fail(Code::corrupt,
                "this is not a certificate request that can be read (PKCS #10, PEM or DER)");
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  const bool good = key != nullptr && X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!good)
    return fail(Code::invalid, "the certificate request is not signed by the key that it is for");
  const auto algorithm = key_algorithm(key);
  if (!algorithm)
    return fail(Code::invalid,
                "the certificate request is for a kind of key that is not supported");
  return PublicKey::from_evp(*algorithm, key);
}

Result<CertificateAuthority> CertificateAuthority::create(const std::string& common_name, Time from,
                                                          Time until, Random& random) {
  TRY(name_fits(common_name));
  const Key key(EVP_EC_gen("P-384"), EVP_PKEY_free);
  must(key != nullptr);
  const Raw raw = begun(common_name, nullptr, key.get(), from, until, random);
  X509V3_CTX context;
  X509V3_set_ctx(&context, raw.get(), raw.get(), nullptr, nullptr, 0);
  add_extension(raw.get(), context, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(raw.get(), context, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(raw.get(), context, NID_subject_key_identifier, "hash");
  auto certificate = TRY(finished(raw.get(), key.get()));
  return CertificateAuthority(std::move(certificate), key);
}

Result<CertificateAuthority> CertificateAuthority::load(const Certificate& certificate,
                                                        const Secret& pem) {
  const BytesView text = pem.expose();
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(bio != nullptr);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr)
    return fail(Code::corrupt, "the authority's key can't be read (PEM, PKCS #8, not encrypted)");
  const bool pair = X509_check_private_key(certificate.raw(), key.get()) == 1;
  ERR_clear_error();
  if (!pair) return fail(Code::invalid, "the authority's key does not belong to its certificate");
  if (!certificate.is_ca().value_or(false) ||
      !certificate.key_usage().value_or(KeyUsage{.certificate_signing = true}).certificate_signing)
    return fail(Code::invalid, "the certificate is not one of a certification authority");
  return CertificateAuthority(certificate, std::move(key));
}

Secret CertificateAuthority::key() const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  must(bio != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                                       nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return Secret(std::string_view(text, static_cast<std::size_t>(size)));
}

Result<Certificate> CertificateAuthority::issue(const PublicKey& key, const NewCertificate& wanted,
                                                Random& random) const {
  TRY(name_fits(wanted.common_name));
  if (wanted.until > certificate_.not_after() || wanted.from < certificate_.not_before() ||
      wanted.from >= wanted.until)
    return fail(Code::invalid,
                "the certificate's time is not within the authority's own; make a new authority, "
                "or ask for less");
  const RawKey raw_public = raw_key(key);
  const Raw raw = begun(wanted.common_name, X509_get_subject_name(certificate_.raw()),
                        raw_public.get(), wanted.from, wanted.until, random);
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate_.raw(), raw.get(), nullptr, nullptr, 0);
  add_extension(raw.get(), context, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(raw.get(), context, NID_key_usage, "critical,digitalSignature");
  add_extension(raw.get(), context, NID_subject_key_identifier, "hash");
  add_extension(raw.get(), context, NID_authority_key_identifier, "keyid");
  add_usages(raw.get(), wanted.extended_key_usages);
  add_names(raw.get(), wanted.alternative_names);
  return finished(raw.get(), key_.get());
}

std::string to_pem(const std::string& label, BytesView der) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr &&
       PEM_write_bio(bio.get(), label.c_str(), "", der.data(), static_cast<long>(der.size())) > 0);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace countersign::crypto
