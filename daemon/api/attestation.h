// SPDX-License-Identifier: Apache-2.0
// Wire types of what the organisation believes of security keys' makers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/enum_names.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

inline constexpr std::size_t longest_metadata = 24U << 20U;

enum class AttestationRule { any, trusted_if_certified, trusted };

}  // namespace countersign::api

template <>
inline constexpr auto countersign::enum_names<countersign::api::AttestationRule> =
    std::to_array<countersign::EnumName<countersign::api::AttestationRule>>(
        {{countersign::api::AttestationRule::any, "any"},
         {countersign::api::AttestationRule::trusted_if_certified, "trusted-if-certified"},
         {countersign::api::AttestationRule::trusted, "trusted"}});

namespace countersign::api {

struct AttestationView {
  AttestationRule rule = AttestationRule::any;
  std::vector<std::string> roots, metadata_roots, allowed, denied;
  std::int64_t metadata_entries = 0;
  std::optional<std::int64_t> metadata_number;
  std::optional<std::string> metadata_next_update;
  bool metadata_overdue = false;
  static Fields fields() {
    return {
        Field{"rule", &AttestationView::rule,
              "any; trusted-if-certified: certificates must chain to a root; trusted: and there "
              "must be some"},
        Field{"roots", &AttestationView::roots, "Subjects of the imported roots"},
        Field{"metadata_roots", &AttestationView::metadata_roots,
              "Subjects of the roots of metadata signers"},
        Field{"allowed", &AttestationView::allowed, "AAGUIDs; not empty: these models alone"},
        Field{"denied", &AttestationView::denied, "AAGUIDs"},
        Field{"metadata_entries", &AttestationView::metadata_entries,
              "How many models the imported metadata knows"},
        Field{"metadata_number", &AttestationView::metadata_number, "Of the imported BLOB"},
        Field{"metadata_next_update", &AttestationView::metadata_next_update,
              "When a newer one is due"},
        Field{"metadata_overdue", &AttestationView::metadata_overdue, "That day is over"}};
  }
};

struct AttestationSet {
  std::optional<AttestationRule> rule;
  std::optional<std::string> add_root;
  std::optional<bool> clear_roots;
  std::optional<std::vector<std::string>> allowed, denied;
  static Fields fields() {
    return {Field{"rule", &AttestationSet::rule, "any, trusted-if-certified, trusted"},
            Field{"add_root", &AttestationSet::add_root, "A certificate, PEM", 16'384},
            Field{"clear_roots", &AttestationSet::clear_roots, "Take out all roots first"},
            Field{"allowed", &AttestationSet::allowed, "AAGUIDs; empty: no such list", 1024},
            Field{"denied", &AttestationSet::denied, "AAGUIDs", 1024}};
  }
};

struct MetadataImport {
  std::string blob;
  std::optional<std::string> root;
  static Fields fields() {
    return {Field{"blob", &MetadataImport::blob, "As the FIDO Metadata Service serves it (a JWS)",
                  longest_metadata},
            Field{"root", &MetadataImport::root,
                  "PEM certificate that its signer chains to; kept for the next time", 16'384}};
  }
};

struct MetadataImported {
  std::int64_t entries = 0, number = 0, at_risk = 0;
  std::string next_update;
  bool overdue = false;
  static Fields fields() {
    return {Field{"entries", &MetadataImported::entries, "Models"},
            Field{"number", &MetadataImported::number, "Of the BLOB"},
            Field{"at_risk", &MetadataImported::at_risk,
                  "Enrolled keys that something is known against now"},
            Field{"next_update", &MetadataImported::next_update, "When a newer one is due"},
            Field{"overdue", &MetadataImported::overdue, "That day is over"}};
  }
};

struct AtRisk {
  std::string id, user, label, reason;
  static Fields fields() {
    return {Field{"id", &AtRisk::id, "Of the authenticator"},
            Field{"user", &AtRisk::user, "Name of the user"},
            Field{"label", &AtRisk::label, "Label"},
            Field{"reason", &AtRisk::reason, "What is wrong with it by today's rules"}};
  }
};
struct AtRiskPage {
  std::vector<AtRisk> authenticators;
  static Fields fields() {
    return {Field{"authenticators", &AtRiskPage::authenticators,
                  "Security keys that would be refused today"}};
  }
};

}  // namespace countersign::api
