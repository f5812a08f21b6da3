// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/card_judgement.h"

#include "core/engine/card_authority.h"
#include "core/engine/verification/card_credentials.h"

namespace countersign::engine {
namespace {

constexpr std::string_view card_authentication =
    "9e";  // a key that wants no PIN (SP 800-73-4 Part 1 §3.2.5): possession only

CardJudgement refused(std::string reason, std::string why) {
  return {.refused = std::move(reason), .why = std::move(why), .names = {}};
}

// "roca: this key ..." → the name and the words.
CardJudgement refused(const Error& error) {
  const std::size_t colon = error.what.find(": ");
  if (colon == std::string::npos) return refused("certificate-key", error.what);
  return refused(error.what.substr(0, colon), error.what.substr(colon + 2));
}

// By the configured anchors; by the store's own authority where they don't know the certificate.
// That one revokes nothing: its cards' certificates end with their authenticators, so no list is
// asked for.
std::expected<crypto::Certificates, certificates::Refused> judge_path(
    Context& context, const crypto::Certificate& certificate,
    const crypto::RevocationEvidence& evidence) {
  const CardRules& rules = context.rules.cards;
  const Time now = context.clock.read().now;
  auto path = certificates::judge(certificate, rules.policy, evidence, now);
  if (path || path.error().why != certificates::Refusal::unknown_ca) return path;
  const auto own = authority_certificate(context);
  if (!own) return path;
  certificates::CardPolicy policy = rules.policy;
  policy.anchors = {*own};
  policy.intermediates.clear();
  policy.revocation = certificates::RevocationRule::off;
  return certificates::judge(certificate, policy, {}, now);
}

// The certificate's key has to be the one that signed.
std::optional<CardJudgement> judge_certificate(Context& context, const CardProof& proof,
                                               const crypto::PublicKey& key,
                                               CardJudgement& judged) {
  const auto certificate = crypto::Certificate::parse(proof.certificate);
  if (!certificate) return refused("certificate-unreadable", certificate.error().what);
  const auto own = certificate->public_key(key.algorithm());
  if (!own || !own->same_key(key))
    return refused("other-key", "the certificate belongs to another key");
  judged.subject = certificate->subject();
  const CardRules& rules = context.rules.cards;
  if (!rules.certificates) return std::nullopt;
  const auto path = judge_path(context, *certificate, proof.evidence);
  if (!path && path.error().why == certificates::Refusal::unknown_ca &&
      rules.policy.anchors.empty())
    return refused("no-anchors",
                   "this certificate does not chain to a trusted authority: [piv] anchors in the "
                   "configuration names the files with their certificates");
  if (!path) return refused(std::string(to_name(path.error().why)), path.error().what);
  const auto names = certificates::names_in(*certificate);
  if (!names) return refused("certificate-unreadable", names.error().what);
  judged.names = *names;
  judged.by_path = true;
  return std::nullopt;
}

}  // namespace

CardJudgement judge_card(Context& context, const CardProof& proof, BytesView challenge,
                         webauthn::UserVerification uv) {
  if (proof.software && !context.rules.fido2.virtual_tokens)
    return refused("virtual", "software cards count on demo stores only");
  const auto key = card_key(proof.public_key);
  if (!key) return refused(key.error());
  if (!key->verify(card_message(challenge), proof.signature))
    return refused("wrong-signature", "the card's signature is not valid");
  CardJudgement judged;
  if (proof.kind == Kind::piv)
    if (auto bad = judge_certificate(context, proof, *key, judged)) return std::move(*bad);
  judged.user_verified = proof.verified && proof.slot != card_authentication;
  if (uv == webauthn::UserVerification::required && !judged.user_verified)
    return refused("user-not-verified", "the card did not ask for its PIN");
  return judged;
}

CardJudgement judge_certificate(Context& context, const CardProof& proof) {
  const auto key = card_key(proof.public_key);
  if (!key) return refused(key.error());
  CardJudgement judged;
  if (auto bad = judge_certificate(context, proof, *key, judged)) return std::move(*bad);
  return judged;
}

std::vector<certificates::Wanted> wanted_for(Context& context, const Bytes& certificate) {
  if (certificate.empty() || !context.rules.cards.certificates) return {};
  const auto leaf = crypto::Certificate::parse(certificate);
  if (!leaf) return {};
  return certificates::wanted(*leaf, context.rules.cards.policy, context.clock.read().now);
}

}  // namespace countersign::engine
