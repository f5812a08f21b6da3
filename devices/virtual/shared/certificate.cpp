// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/shared/certificate.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

#include "core/crypto/openssl.h"
#include "core/crypto/system_random.h"

namespace countersign::virtual_token {

using crypto::must;

void FreeCertificate::operator()(x509_st* certificate) const { X509_free(certificate); }

void add_name(X509_NAME* name, const char* field, std::string_view text) {
  must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(text.data()),
                                  static_cast<int>(text.size()), -1, 0) == 1);
}

void add_usual(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value), &X509_EXTENSION_free);
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_other(X509* certificate, const char* oid, BytesView der) {
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> object(OBJ_txt2obj(oid, 1),
                                                                         &ASN1_OBJECT_free);
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> value(
      ASN1_OCTET_STRING_new(), &ASN1_OCTET_STRING_free);
  must(object != nullptr && value != nullptr &&
       ASN1_OCTET_STRING_set(value.get(), der.data(), static_cast<int>(der.size())) == 1);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, value.get()), &X509_EXTENSION_free);
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Certificate make_certificate(evp_pkey_st* key, Validity validity) {
  Certificate certificate(X509_new());
  must(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  std::array<Byte, 16> serial{};
  crypto::SystemRandom().fill(serial);
  serial[0] = static_cast<Byte>((serial[0] & 0x3fU) | 0x40U);  // positive, of one length
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      BN_bin2bn(serial.data(), serial.size(), nullptr), &BN_free);
  must(number != nullptr &&
       BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
  must(ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), validity.from) == 1);
  must(ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), validity.until) == 1);
  must(X509_set_pubkey(certificate.get(), key) == 1);
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

Certificate from_der(BytesView der) {
  const Byte* at = der.data();
  Certificate parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (parsed != nullptr && at != der.data() + der.size()) return nullptr;
  return parsed;
}

std::string to_pem(BytesView certificate) {
  const Certificate parsed = from_der(certificate);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  must(parsed != nullptr && out != nullptr && PEM_write_bio_X509(out.get(), parsed.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace countersign::virtual_token
