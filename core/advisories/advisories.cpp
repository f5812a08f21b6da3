// SPDX-License-Identifier: Apache-2.0
#include "core/advisories/advisories.h"

#include <algorithm>
#include <charconv>

namespace countersign {
namespace {

// yes and no are certain.
enum class Answer { no, perhaps, yes };

bool is_of(const TokenFamily& family, const TokenFacts& token) {
  if (!family.tpm_manufacturer.empty())
    return !token.tpm_manufacturer.empty() &&
           (family.tpm_manufacturer == "*" || family.tpm_manufacturer == token.tpm_manufacturer);
  if (token.aaguid && !family.aaguids.empty())
    return std::ranges::find(family.aaguids, *token.aaguid) != family.aaguids.end();
  return std::ranges::find(family.usb, std::pair(token.vendor, token.product)) != family.usb.end();
}

bool holds(const FirmwareBound& bound, const FirmwareVersion& version) {
  switch (bound.relation) {
    case FirmwareBound::Relation::below:
      return version < bound.version;
    case FirmwareBound::Relation::up_to:
      return version <= bound.version;
    case FirmwareBound::Relation::from:
      return version >= bound.version;
    case FirmwareBound::Relation::exactly:
      return version == bound.version;
  }
  std::unreachable();
}

std::string_view version_of(const std::string& component, const TokenFacts& token) {
  if (component.empty()) return token.firmware;
  const auto found =
      std::ranges::find(token.components, component, &std::pair<std::string, std::string>::first);
  return found != token.components.end() ? std::string_view(found->second) : std::string_view();
}

Answer in_range(const AdvisoryCase& each, const TokenFacts& token) {
  if (each.ranges.empty()) return Answer::yes;
  const auto version = FirmwareVersion::parse(version_of(each.component, token));
  if (!version) return Answer::perhaps;
  const bool inside = std::ranges::any_of(each.ranges, [&](const FirmwareRange& range) {
    return std::ranges::all_of(range,
                               [&](const FirmwareBound& bound) { return holds(bound, *version); });
  });
  return inside ? Answer::yes : Answer::no;
}

Answer given(const std::optional<Circumstance>& when, const TokenFacts& token) {
  if (!when) return Answer::yes;
  const auto found =
      std::ranges::find(token.circumstances, *when, &std::pair<Circumstance, bool>::first);
  if (found == token.circumstances.end()) return Answer::perhaps;
  return found->second ? Answer::yes : Answer::no;
}

template <class T>
bool about(const std::vector<T>& listed, const std::optional<T>& asked) {
  return listed.empty() || !asked || std::ranges::find(listed, *asked) != listed.end();
}

std::optional<std::pair<AdvisoryVerdict, bool>> judge(const AdvisoryCase& each,
                                                      const TokenFacts& token,
                                                      std::optional<TokenOperation> operation,
                                                      std::optional<KeyAlgorithm> algorithm,
                                                      Assurance assurance) {
  if (!about(each.operations, operation) || !about(each.algorithms, algorithm)) return std::nullopt;
  if (!each.families.empty() && std::ranges::none_of(each.families, [&](const TokenFamily& family) {
        return is_of(family, token);
      }))
    return std::nullopt;
  // Whatever token it is about: no news as long as nobody knows that it is this one's.
  const Answer circumstance = given(each.when, token);
  if (each.families.empty() && circumstance == Answer::perhaps) return std::nullopt;
  const Answer affected = std::min(in_range(each, token), circumstance);
  if (affected == Answer::no) return std::nullopt;
  if (affected == Answer::perhaps) return std::pair(AdvisoryVerdict::warn, false);
  return std::pair(
      assurance == Assurance::high ? each.high_assurance.value_or(each.verdict) : each.verdict,
      true);
}

}  // namespace

std::optional<FirmwareVersion> FirmwareVersion::parse(std::string_view text) {
  FirmwareVersion version;
  for (std::uint32_t& part : version.parts_) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return version;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

std::string FirmwareVersion::text() const {
  std::size_t used = parts_.size();
  while (used > 1 && parts_[used - 1] == 0) --used;
  std::string text;
  for (std::size_t i = 0; i < used; ++i) text += (i == 0 ? "" : ".") + std::to_string(parts_[i]);
  return text;
}

std::optional<FirmwareRange> parse_firmware_range(std::string_view text) {
  using Relation = FirmwareBound::Relation;
  constexpr std::pair<std::string_view, Relation> relations[] = {{"<=", Relation::up_to},
                                                                 {">=", Relation::from},
                                                                 {"<", Relation::below},
                                                                 {"=", Relation::exactly}};
  FirmwareRange range;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const auto* relation = std::ranges::find_if(
        relations, [&](const auto& each) { return word.starts_with(each.first); });
    if (relation == std::end(relations)) return std::nullopt;
    const auto version = FirmwareVersion::parse(word.substr(relation->first.size()));
    if (!version) return std::nullopt;
    range.push_back({relation->second, *version});
  }
  if (range.empty()) return std::nullopt;
  return range;
}

std::vector<Finding> advisories_for(const Advisories& advisories, const TokenFacts& token,
                                    std::optional<TokenOperation> operation,
                                    std::optional<KeyAlgorithm> algorithm, Assurance assurance) {
  std::vector<Finding> findings;
  for (const Advisory& advisory : advisories) {
    std::optional<std::pair<AdvisoryVerdict, bool>> gravest;
    for (const AdvisoryCase& each : advisory.cases)
      if (const auto judged = judge(each, token, operation, algorithm, assurance))
        gravest = gravest ? std::max(*gravest, *judged) : *judged;
    if (gravest)
      findings.push_back({.id = advisory.id,
                          .title = advisory.title,
                          .about = advisory.about,
                          .verdict = gravest->first,
                          .certain = gravest->second});
  }
  std::ranges::stable_sort(findings, std::greater(), &Finding::verdict);
  return findings;
}

std::optional<KeyAlgorithm> key_algorithm_of(std::int64_t cose) {
  switch (cose) {
    case -7:   // ES256
    case -35:  // ES384
    case -36:  // ES512
    case -47:  // ES256K
      return KeyAlgorithm::ecdsa;
    case -8:   // EdDSA
    case -19:  // Ed25519
    case -53:  // Ed448
      return KeyAlgorithm::eddsa;
    case -37:   // PS256
    case -38:   // PS384
    case -39:   // PS512
    case -257:  // RS256
    case -258:  // RS384
    case -259:  // RS512
      return KeyAlgorithm::rsa;
    default:
      return std::nullopt;
  }
}

}  // namespace countersign
