// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/attestation.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/crypto/openssl.h"
#include "devices/virtual/key/identity.h"
#include "devices/virtual/shared/certificate.h"

namespace countersign::virtual_key {
namespace {

using crypto::must;
using namespace virtual_token;

void set_names(X509_NAME* name, std::string_view unit, const std::string& common_name) {
  add_name(name, "C", "DE");
  add_name(name, "O", identity::vendor);
  add_name(name, "OU", unit);
  add_name(name, "CN", common_name);
}

Certificate make_root(const PrivateKey& key, std::string_view serial) {
  Certificate root = make_certificate(key.get());
  set_names(X509_get_subject_name(root.get()), "Virtual tokens",
            "Countersign virtual key root " + std::string(serial));
  must(X509_set_issuer_name(root.get(), X509_get_subject_name(root.get())) == 1);
  add_usual(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_usual(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_usual(root.get(), root.get(), NID_subject_key_identifier, "hash");
  must(X509_sign(root.get(), key.get(), EVP_sha256()) > 0);
  return root;
}

Certificate make_leaf(const PrivateKey& key, X509* root, const PrivateKey& root_key) {
  Certificate leaf = make_certificate(key.get());
  set_names(X509_get_subject_name(leaf.get()), "Authenticator Attestation",
            std::string(identity::product));
  must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(root)) == 1);
  add_usual(leaf.get(), root, NID_basic_constraints, "critical,CA:FALSE");
  add_usual(leaf.get(), root, NID_authority_key_identifier, "keyid");
  Bytes aaguid{0x04, 0x10};  // OCTET STRING
  aaguid.insert(aaguid.end(), identity::aaguid.begin(), identity::aaguid.end());
  add_other(leaf.get(), "1.3.6.1.4.1.45724.1.1.4", aaguid);  // id-fido-gen-ce-aaguid
  add_other(leaf.get(), "1.3.6.1.4.1.45724.2.1.1",
            Bytes{0x03, 0x02, 0x05, 0x20});  // fidoU2FTransports: usb
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

}  // namespace countersign::virtual_key
