// SPDX-License-Identifier: Apache-2.0
// FIDO Metadata Service BLOBs (FIDO MDS 3.0 §3.1): which models there are, their roots, and what is
// known against them. Values only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/crypto/x509_path.h"
#include "core/webauthn/authenticator_data.h"

namespace countersign::webauthn {

inline constexpr std::size_t longest_metadata_blob = 64U << 20U;  // octets
inline constexpr std::string_view metadata_host = "mds.fidoalliance.org";

struct StatusReport {
  std::string status;                // MDS 3.0 §3.1.4: "FIDO_CERTIFIED_L1", "REVOKED", ...
  std::string effective_date;        // "2024-02-29", or empty
  std::optional<Bytes> certificate;  // DER: the report is about this certificate alone
  bool operator==(const StatusReport&) const = default;
};
// Whether such a status takes the trust away: REVOKED, USER_VERIFICATION_BYPASS, and all
// compromises.
[[nodiscard]] bool compromises(std::string_view status);

struct MetadataEntry {
  std::optional<Aaguid> aaguid;  // FIDO2
  std::vector<Bytes>
      key_identifiers;  // U2F: of the attestation certificates on the way to the root
  std::string description;
  std::vector<StatusReport> reports;
  crypto::Certificates roots;  // those that can be read
};
// The first report that takes the trust away from a token that attested with these certificates;
// nothing: none.
[[nodiscard]] const StatusReport* compromise_of(const MetadataEntry& entry,
                                                const crypto::Certificates& certificates);

class Metadata {
 public:
  [[nodiscard]] std::int64_t number() const { return number_; }  // "no": goes up
  [[nodiscard]] const std::string& next_update() const {
    return next_update_;
  }  // a date, "2024-02-29"
  [[nodiscard]] bool overdue(Time now) const;  // that date is over
  [[nodiscard]] const std::vector<MetadataEntry>& entries() const { return entries_; }
  // By AAGUID; for an AAGUID of zeros by the certificates' key identifiers. nullptr: nothing is
  // known.
  [[nodiscard]] const MetadataEntry* find(const Aaguid& aaguid,
                                          const crypto::Certificates& certificates) const;

 private:
  friend Result<Metadata> parse_metadata_payload(BytesView, std::int64_t);
  std::int64_t number_ = 0;
  std::string next_update_;
  std::vector<MetadataEntry> entries_;
};

struct MetadataRules {
  const crypto::Certificates& roots;  // the signer's certificate must lead to one of them
  Time now;
  std::string host = std::string(metadata_host);  // the signer's certificate must be for it,
                                                  // because the root signs others too; empty: any
  std::int64_t newer_than =
      -1;  // the number of the BLOB that is had; a lower one is refused, the same is taken
};

// A BLOB: a JWS (RFC 7515) in compact form, ES256 or RS256, with the signer's certificates in its
// header (x5c). Code::corrupt: it can't be read; not_permitted: its signature or signer is not
// good; conflict: an older one than is had.
[[nodiscard]] Result<Metadata> parse_metadata(std::string_view blob, const MetadataRules& rules);
// What its signature covers: JSON. Only parse_metadata and fuzzers call it: nothing here says who
// wrote it.
[[nodiscard]] Result<Metadata> parse_metadata_payload(BytesView json, std::int64_t newer_than);

}  // namespace countersign::webauthn
