// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/attestation.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "core/crypto/openssl.h"
#include "core/crypto/system_random.h"
#include "devices/virtual/identity.h"

namespace countersign::virtual_key {
namespace {

using crypto::must;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void name_entry(X509_NAME* name, const char* field, std::string_view text) {
  must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()), -1, 0) == 1);
}

void set_names(X509_NAME* name, std::string_view unit, const std::string& common_name) {
  name_entry(name, "C", "DE");
  name_entry(name, "O", identity::vendor);
  name_entry(name, "OU", unit);
  name_entry(name, "CN", common_name);
}

void add_usual(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value), &X509_EXTENSION_free);
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// An extension that libcrypto has no name for; der is what extnValue holds.
void add_other(X509* certificate, const char* oid, BytesView der) {
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> object(OBJ_txt2obj(oid, 1), &ASN1_OBJECT_free);
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> value(ASN1_OCTET_STRING_new(), &ASN1_OCTET_STRING_free);
  must(object != nullptr && value != nullptr && ASN1_OCTET_STRING_set(value.get(), der.data(), static_cast<int>(der.size())) == 1);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, value.get()), &X509_EXTENSION_free);
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// Valid from 2020 until it no longer matters: tests move clocks.
Certificate make_certificate(const PrivateKey& key) {
  Certificate certificate(X509_new(), &X509_free);
  must(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  std::array<Byte, 16> serial{};
  crypto::SystemRandom().fill(serial);
  serial[0] = static_cast<Byte>((serial[0] & 0x3fU) | 0x40U);  // positive, of one length
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(serial.data(), serial.size(), nullptr), &BN_free);
  must(number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
  must(ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "20200101000000Z") == 1);
  must(ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "99991231235959Z") == 1);
  must(X509_set_pubkey(certificate.get(), key.get()) == 1);
  return certificate;
}

Bytes to_der(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  must(size > 0);
  Bytes der(static_cast<std::size_t>(size));
  Byte* at = der.data();
  must(i2d_X509(certificate, &at) == size);
  return der;
}

Certificate make_root(const PrivateKey& key, std::string_view serial) {
  Certificate root = make_certificate(key);
  set_names(X509_get_subject_name(root.get()), "Virtual tokens", "Countersign virtual key root " + std::string(serial));
  must(X509_set_issuer_name(root.get(), X509_get_subject_name(root.get())) == 1);
  add_usual(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_usual(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_usual(root.get(), root.get(), NID_subject_key_identifier, "hash");
  must(X509_sign(root.get(), key.get(), EVP_sha256()) > 0);
  return root;
}

Certificate make_leaf(const PrivateKey& key, X509* root, const PrivateKey& root_key) {
  Certificate leaf = make_certificate(key);
  set_names(X509_get_subject_name(leaf.get()), "Authenticator Attestation", std::string(identity::product));
  must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(root)) == 1);
  add_usual(leaf.get(), root, NID_basic_constraints, "critical,CA:FALSE");
  add_usual(leaf.get(), root, NID_authority_key_identifier, "keyid");
  Bytes aaguid{0x04, 0x10};  // OCTET STRING
  aaguid.insert(aaguid.end(), identity::aaguid.begin(), identity::aaguid.end());
  add_other(leaf.get(), "1.3.6.1.4.1.45724.1.1.4", aaguid);                        // id-fido-gen-ce-aaguid
  add_other(leaf.get(), "1.3.6.1.4.1.45724.2.1.1", Bytes{0x03, 0x02, 0x05, 0x20});  // fidoU2FTransports: usb
  must(X509_sign(leaf.get(), root_key.get(), EVP_sha256()) > 0);
  return leaf;
}

}  // namespace

Attestation make_attestation(std::string_view serial) {
  const PrivateKey root_key = PrivateKey::generate(Algorithm::es256);
  const Certificate root = make_root(root_key, serial);
  PrivateKey key = PrivateKey::generate(Algorithm::es256);
  const Certificate leaf = make_leaf(key, root.get(), root_key);
  return {std::move(key), to_der(leaf.get()), to_der(root.get())};
}

std::string to_pem(BytesView certificate) {
  const Byte* at = certificate.data();
  const Certificate parsed(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())), &X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  must(parsed != nullptr && out != nullptr && PEM_write_bio_X509(out.get(), parsed.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace countersign::virtual_key
