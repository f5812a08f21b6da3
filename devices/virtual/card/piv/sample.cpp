// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/piv/sample.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/crypto/openssl.h"
#include "devices/virtual/card/base/identity.h"
#include "devices/virtual/card/piv/attestation.h"
#include "devices/virtual/shared/certificate.h"

namespace countersign::virtual_card::piv {

using namespace virtual_token;

void put_expired_certificate(State& state) {
  CardKey key = CardKey::generate(KeyType::p256);
  const Certificate certificate =
      make_certificate(key.get(), {.from = "20200101000000Z", .until = "20211231235959Z"});
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  add_name(name, "O", identity::vendor);
  add_name(name, "CN", "expired");
  crypto::must(X509_set_issuer_name(certificate.get(), name) == 1);
  add_usual(certificate.get(), certificate.get(), NID_key_usage, "critical,digitalSignature");
  add_usual(certificate.get(), certificate.get(), NID_ext_key_usage, "clientAuth");
  crypto::must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  state.objects[object::authentication] = certificate_object(to_der(certificate.get()));
  state.slots.insert_or_assign(slot::authentication, SlotKey{.key = std::move(key)});
}

}  // namespace countersign::virtual_card::piv
