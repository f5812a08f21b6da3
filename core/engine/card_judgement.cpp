// SPDX-License-Identifier: Apache-2.0
#include "core/engine/card_judgement.h"

#include "core/engine/card_credentials.h"

namespace countersign::engine {
namespace {

constexpr std::string_view card_authentication = "9e";  // a key that wants no PIN (SP 800-73-4 Part 1 §3.2.5): possession only

CardJudgement refused(std::string reason, std::string why) { return {.refused = std::move(reason), .why = std::move(why), .names = {}, .subject = {}}; }

// "roca: this key ..." → the name and the words.
CardJudgement refused(const Error& error) {
  const std::size_t colon = error.what.find(": ");
  if (colon == std::string::npos) return refused("certificate-key", error.what);
  return refused(error.what.substr(0, colon), error.what.substr(colon + 2));
}

// The certificate's key has to be the one that signed.
std::optional<CardJudgement> judge_certificate(Context& context, const CardProof& proof, const crypto::PublicKey& key, CardJudgement& judged) {
  const auto certificate = crypto::Certificate::parse(proof.certificate);
  if (!certificate) return refused("certificate-unreadable", certificate.error().what);
  const auto own = certificate->public_key(key.algorithm());
  if (!own || !own->same_key(key)) return refused("other-key", "the certificate is another key's");
  judged.subject = certificate->subject();
  const CardRules& rules = context.rules.cards;
  if (!rules.certificates) return std::nullopt;
  if (rules.policy.anchors.empty()) return refused("no-anchors", "no authority is trusted yet: [piv] anchors in the configuration names the files with their certificates");
  const auto path = certificates::judge(*certificate, rules.policy, proof.evidence, context.clock.read().now);
  if (!path) return refused(std::string(to_name(path.error().why)), path.error().what);
  const auto names = certificates::names_in(*certificate);
  if (!names) return refused("certificate-unreadable", names.error().what);
  judged.names = *names;
  judged.by_path = true;
  return std::nullopt;
}

}  // namespace

CardJudgement judge_card(Context& context, const CardProof& proof, BytesView challenge, webauthn::UserVerification uv) {
  if (proof.software && !context.rules.fido2.virtual_tokens) return refused("virtual", "software cards count on demo stores only");
  const auto key = card_key(proof.public_key);
  if (!key) return refused(key.error());
  if (!key->verify(card_message(challenge), proof.signature)) return refused("wrong-signature", "the card's signature does not hold");
  CardJudgement judged;
  if (proof.kind == Kind::piv)
    if (auto bad = judge_certificate(context, proof, *key, judged)) return std::move(*bad);
  judged.user_verified = proof.verified && proof.slot != card_authentication;
  if (uv == webauthn::UserVerification::required && !judged.user_verified) return refused("user-not-verified", "the card did not ask for its PIN");
  return judged;
}

std::vector<certificates::Wanted> wanted_for(Context& context, const Bytes& certificate) {
  if (certificate.empty() || !context.rules.cards.certificates) return {};
  const auto leaf = crypto::Certificate::parse(certificate);
  if (!leaf) return {};
  return certificates::wanted(*leaf, context.rules.cards.policy, context.clock.read().now);
}

}  // namespace countersign::engine
