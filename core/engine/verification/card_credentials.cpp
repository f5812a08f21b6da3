// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/card_credentials.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/crypto/roca.h"
#include "core/encoding/cbor.h"
#include "core/engine/verification/gate.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;

constexpr std::string_view label = "Countersign card proof 1";

enum Key : std::int64_t { public_key_key = 1, certificate_key, slot_key, model_key, software_key };

std::int64_t at(Key key) { return key; }

}  // namespace

Bytes encode(const CardCredential& credential) {
  return cbor::encode(cbor::Value::map({{at(public_key_key), credential.public_key},
                                        {at(certificate_key), credential.certificate},
                                        {at(slot_key), credential.slot},
                                        {at(model_key), credential.model},
                                        {at(software_key), credential.software}}));
}

Result<CardCredential> decode_card_credential(BytesView octets) {
  const cbor::Value map = TRY(cbor::parse(octets));
  const Bytes* key = map.bytes_at(at(public_key_key));
  const Bytes* certificate = map.bytes_at(at(certificate_key));
  const std::string* slot = map.text_at(at(slot_key));
  const std::string* model = map.text_at(at(model_key));
  if (key == nullptr || certificate == nullptr || slot == nullptr || model == nullptr)
    return fail(Code::corrupt, "a card's record lacks a member");
  return CardCredential{.public_key = *key,
                        .certificate = *certificate,
                        .slot = *slot,
                        .model = *model,
                        .software = map.boolean_at(at(software_key)).value_or(true)};
}

Result<CardCredential> open_card(Context& context, const Authenticator& authenticator) {
  const Secret stored = TRY(context.vault.open(crypto::Purpose::authenticator,
                                               to_text(authenticator.id), authenticator.material));
  return decode_card_credential(stored.expose());
}

Bytes card_handle_of(BytesView public_key) {
  const crypto::Sha256 digest = crypto::sha256(public_key);
  return {digest.begin(), digest.end()};
}

Result<crypto::PublicKey> card_key(BytesView public_key) {
  auto key = crypto::PublicKey::from_spki(public_key);
  if (!key)
    return fail(Code::invalid,
                "certificate-key: the key is not supported. RSA of 2048 to 4096 bits, P-256, P-384 "
                "and Ed25519 are");
  if (const auto rsa = key->rsa(); rsa && crypto::has_roca_fingerprint(rsa->n))
    return fail(Code::invalid, "roca: this key was made by a faulty generator (CVE-2017-15361)");
  return key;
}

Bytes card_message(BytesView challenge) {
  const BytesView begin = as_bytes(label);
  Bytes message(begin.begin(), begin.end());
  message.push_back(0);
  message.insert(message.end(), challenge.begin(), challenge.end());
  return message;
}

std::vector<Bytes> card_handles(const Context& context, const UserRecord& record) {
  std::vector<Bytes> handles;
  for (const Authenticator& each : record.authenticators)
    if ((each.kind == Kind::piv || each.kind == Kind::openpgp) && !barred(context, record, each))
      handles.push_back(each.handle);
  return handles;
}

bool is_enrolled_card(Context& context, const Bytes& handle) {
  for (const Kind kind : {Kind::piv, Kind::openpgp}) {
    const auto rows = context.store.authenticators(
        {.limit = 1, .kind = kind, .status = Status::active, .handle = handle});
    if (rows && !rows->empty()) return true;
  }
  return false;
}

bool named_by_certificates(const Context& context) {
  return context.rules.cards.certificates &&
         context.rules.cards.identity != CardIdentity::enrolled_key;
}

}  // namespace countersign::engine
