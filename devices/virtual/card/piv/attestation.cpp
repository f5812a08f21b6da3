// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/piv/attestation.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/crypto/openssl.h"
#include "devices/virtual/card/base/identity.h"
#include "devices/virtual/card/base/tlv.h"
#include "devices/virtual/card/piv/state.h"
#include "devices/virtual/shared/certificate.h"

namespace countersign::virtual_card::piv {
namespace {

using crypto::must;
using namespace virtual_token;

void set_subject(X509* certificate, const std::string& common_name) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  add_name(name, "O", identity::vendor);
  add_name(name, "OU", "Virtual tokens");
  add_name(name, "CN", common_name);
}

Certificate make_authority(const CardKey& key, const std::string& common_name, X509* issuer,
                           const CardKey& signer, const char* constraints) {
  Certificate certificate = make_certificate(key.get());
  set_subject(certificate.get(), common_name);
  X509* const above = issuer == nullptr ? certificate.get() : issuer;
  must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(above)) == 1);
  add_usual(certificate.get(), above, NID_basic_constraints, constraints);
  add_usual(certificate.get(), above, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_usual(certificate.get(), above, NID_subject_key_identifier, "hash");
  must(X509_sign(certificate.get(), signer.get(), EVP_sha256()) > 0);
  return certificate;
}

// DER INTEGER of a number that is not negative.
Bytes integer(std::uint32_t number) {
  Bytes octets{0};
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    octets.push_back(static_cast<Byte>(number >> shift & 0xffU));
  while (octets.size() > 1 && octets[0] == 0 && octets[1] < 0x80) octets.erase(octets.begin());
  return tlv::item(0x02, octets);
}

}  // namespace

Attester make_attester(std::uint32_t serial) {
  const CardKey root_key = CardKey::generate(KeyType::p256);
  CardKey key = CardKey::generate(KeyType::p256);
  const Certificate root =
      make_authority(root_key, fmt::format("Countersign virtual card root {}", serial), nullptr,
                     root_key, "critical,CA:TRUE,pathlen:1");
  const Certificate certificate =
      make_authority(key, fmt::format("Countersign virtual PIV attestation {}", serial), root.get(),
                     root_key, "critical,CA:TRUE,pathlen:0");
  return {std::move(key), to_der(certificate.get()), to_der(root.get())};
}

Bytes certificate_object(BytesView der) {
  return tlv::join({tlv::item(0x70, der), tlv::item(0x71, {0x00}), tlv::item(0xfe, BytesView{})});
}

Bytes attest(const State& state, Byte slot, const SlotKey& subject, std::uint32_t serial) {
  const auto object = state.objects.find(object::attestation);
  const auto held = object == state.objects.end() ? std::nullopt : tlv::read(object->second);
  const auto der = held ? tlv::find(*held, 0x70) : std::nullopt;
  const Certificate issuer = der ? from_der(*der) : nullptr;
  const auto signer = state.slots.find(slot::attestation);
  if (issuer == nullptr || signer == state.slots.end()) return {};
  const Certificate certificate = make_certificate(subject.key.get());
  set_subject(certificate.get(), fmt::format("Countersign virtual PIV Attestation {:02x}", slot));
  must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())) == 1);
  const Bytes policies{static_cast<Byte>(subject.pin), static_cast<Byte>(subject.touch)};
  add_other(certificate.get(), "1.3.6.1.4.1.41482.3.3", identity::dialect);
  add_other(certificate.get(), "1.3.6.1.4.1.41482.3.7", integer(serial));
  add_other(certificate.get(), "1.3.6.1.4.1.41482.3.8", policies);
  add_other(certificate.get(), "1.3.6.1.4.1.41482.3.9", Bytes{0x00});  // form factor: unknown
  const CardKey& key = signer->second.key;
  if (X509_sign(certificate.get(), key.get(),
                key.type() == KeyType::ed25519 ? nullptr : EVP_sha256()) <= 0)
    return {};  // a key that signs nothing
  return to_der(certificate.get());
}

}  // namespace countersign::virtual_card::piv
