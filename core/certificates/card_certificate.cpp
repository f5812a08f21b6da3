// SPDX-License-Identifier: Apache-2.0
#include "core/certificates/card_certificate.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/crypto/roca.h"

namespace countersign::certificates {
namespace {

using crypto::Certificate;
using crypto::Certificates;
using crypto::PathFailure;

std::unexpected<Refused> refuse(Refusal why, std::string what) {
  return std::unexpected(Refused{why, std::move(what)});
}

Refusal refusal_of(PathFailure failure) {
  switch (failure) {
    case PathFailure::expired:
      return Refusal::expired;
    case PathFailure::not_yet_valid:
      return Refusal::not_yet_valid;
    case PathFailure::unknown_issuer:
      return Refusal::unknown_ca;
    case PathFailure::weak_key:
    case PathFailure::weak_digest:
      return Refusal::weak_signature;
    case PathFailure::outside_of_names:
      return Refusal::outside_of_names;
    case PathFailure::outside_of_usages:
      return Refusal::wrong_usage;
    case PathFailure::without_policy:
      return Refusal::without_policy;
    case PathFailure::broken:
      break;
  }
  return Refusal::broken_path;
}

std::expected<void, Refused> judge_key(const Certificate& leaf) {
  const auto algorithm = leaf.key_algorithm();
  if (!algorithm)
    return refuse(Refusal::unreadable_key,
                  "the certificate's kind of key is not supported (P-256, P-384, Ed25519, RSA 2048 "
                  "to 4096 are)");
  if (const auto key = leaf.public_key(*algorithm); !key)
    return refuse(Refusal::unreadable_key, key.error().what);
  if (has_roca_key(leaf))
    return refuse(Refusal::roca,
                  "the card's RSA key was made by a faulty generator and can be computed from the "
                  "certificate (CVE-2017-15361); make a new key of another kind");
  return {};
}

std::expected<void, Refused> judge_usage(const Certificate& leaf, const CardPolicy& policy) {
  if (leaf.is_ca().value_or(false))
    return refuse(Refusal::wrong_usage,
                  "this is the certificate of a certification authority, not of a person");
  if (const auto usage = leaf.key_usage(); usage && !usage->digital_signature)
    return refuse(Refusal::wrong_usage, "the certificate's key is not for digital signatures");
  const auto purposes = leaf.extended_key_usages();
  if (purposes.empty() && !leaf.extension("2.5.29.37")) {
    if (policy.extended_key_usage_required)
      return refuse(Refusal::wrong_usage,
                    "the certificate has no extended key usage, and the policy asks for one");
    return {};
  }
  const bool fits = std::ranges::any_of(purposes, [&](const std::string& one) {
    return std::ranges::find(policy.extended_key_usages, one) != policy.extended_key_usages.end();
  });
  if (!fits)
    return refuse(Refusal::wrong_usage,
                  "the certificate is not for signing in (extended key usage)");
  return {};
}

std::expected<void, Refused> judge_revocation(const Certificates& path, const CardPolicy& policy,
                                              const crypto::RevocationEvidence& evidence,
                                              Time now) {
  if (policy.revocation == RevocationRule::off) return {};
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const crypto::Revocation found = crypto::revocation_of(path[i], path[i + 1], evidence, now);
    if (found == crypto::Revocation::revoked)
      return refuse(Refusal::revoked,
                    fmt::format("the certificate of {} was revoked", path[i].subject()));
    if (found == crypto::Revocation::unknown && policy.revocation == RevocationRule::required)
      return refuse(
          Refusal::revocation_unknown,
          fmt::format("it could not be found out whether the certificate of {} was revoked",
                      path[i].subject()));
  }
  return {};
}

std::expected<Certificates, Refused> path_of(const Certificate& leaf, const CardPolicy& policy,
                                             Time now) {
  auto path = crypto::find_path(
      leaf, policy.intermediates, policy.anchors,
      {.at = now, .policies = policy.policies, .usages = policy.extended_key_usages});
  if (!path)
    return refuse(refusal_of(path.error().why),
                  fmt::format("the certificate of {} is not accepted: {}", leaf.subject(),
                              path.error().what));
  return std::move(*path);
}

}  // namespace

bool has_roca_key(const Certificate& certificate) {
  const auto key = certificate.key_algorithm() == crypto::SignatureAlgorithm::rs256
                       ? certificate.public_key(crypto::SignatureAlgorithm::rs256)
                       : fail(Code::invalid, "");
  const auto numbers = key ? key->rsa() : std::nullopt;
  return numbers && crypto::has_roca_fingerprint(numbers->n);
}

std::expected<Certificates, Refused> judge(const Certificate& leaf, const CardPolicy& policy,
                                           const crypto::RevocationEvidence& evidence, Time now) {
  TRY(judge_key(leaf));
  TRY(judge_usage(leaf, policy));
  auto path = path_of(leaf, policy, now);
  if (!path) return path;
  TRY(judge_revocation(*path, policy, evidence, now));
  return path;
}

std::vector<Wanted> wanted(const Certificate& leaf, const CardPolicy& policy, Time now) {
  std::vector<Wanted> out;
  if (policy.revocation == RevocationRule::off) return out;
  const auto path = path_of(leaf, policy, now);
  for (std::size_t i = 0; path && i + 1 < path->size(); ++i)
    out.push_back({(*path)[i], (*path)[i + 1], crypto::ocsp_addresses((*path)[i]),
                   crypto::list_addresses((*path)[i])});
  return out;
}

}  // namespace countersign::certificates
