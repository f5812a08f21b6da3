// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "core/encoding/base64.h"
#include "core/encoding/base64url.h"
#include "core/encoding/hex.h"
#include "core/encoding/json.h"
#include "core/webauthn/jws.h"

namespace countersign::webauthn {
namespace {

namespace json = boost::json;

constexpr std::size_t most_entries = 20'000;

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string())
                                                  : std::string();
}

template <class F>
void each_at(const json::object& object, std::string_view name, F&& take) {
  if (const json::value* member = object.if_contains(name); member != nullptr && member->is_array())
    for (const json::value& one : member->get_array()) take(one);
}

std::optional<Bytes> base64_text(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  const auto decoded = formats::base64_decode(std::string_view(value.get_string()));
  if (!decoded) return std::nullopt;
  return Bytes(decoded->expose().begin(), decoded->expose().end());
}

std::optional<Bytes> hex_text(std::string_view text) {
  const auto decoded = formats::hex_decode(text);
  if (!decoded) return std::nullopt;
  return Bytes(decoded->expose().begin(), decoded->expose().end());
}

StatusReport report_of(const json::object& object) {
  StatusReport report{.status = text_at(object, "status"),
                      .effective_date = text_at(object, "effectiveDate"),
                      .certificate = std::nullopt};
  if (const json::value* certificate = object.if_contains("certificate"))
    report.certificate = base64_text(*certificate);
  return report;
}

// Many models share a root: each is parsed once.
class Roots {
 public:
  const crypto::Certificate* find(const Bytes& der) {
    const auto [at, fresh] = known_.try_emplace(std::string(as_text(der)));
    if (fresh)
      if (auto parsed = crypto::Certificate::parse(der)) at->second = std::move(*parsed);
    return at->second ? &*at->second : nullptr;
  }

 private:
  std::map<std::string, std::optional<crypto::Certificate>> known_;
};

Result<MetadataEntry> entry_of(const json::object& object, Roots& roots) {
  MetadataEntry entry;
  if (const std::string text = text_at(object, "aaguid"); !text.empty()) {
    const auto octets = hex_text(text);
    if (!octets || octets->size() != std::tuple_size_v<Aaguid>)
      return fail(Code::corrupt, "the metadata has a malformed AAGUID");
    std::ranges::copy(*octets, entry.aaguid.emplace().begin());
  }
  each_at(object, "attestationCertificateKeyIdentifiers", [&](const json::value& one) {
    if (one.is_string())
      if (auto octets = hex_text(std::string_view(one.get_string())))
        entry.key_identifiers.push_back(std::move(*octets));
  });
  each_at(object, "statusReports", [&](const json::value& one) {
    if (one.is_object()) entry.reports.push_back(report_of(one.get_object()));
  });
  const json::value* statement = object.if_contains("metadataStatement");
  if (statement == nullptr || !statement->is_object()) return entry;
  entry.description = text_at(statement->get_object(), "description");
  each_at(statement->get_object(), "attestationRootCertificates", [&](const json::value& one) {
    const auto der = base64_text(one);
    if (const crypto::Certificate* root = der ? roots.find(*der) : nullptr)
      entry.roots.push_back(*root);
  });
  return entry;
}

Result<std::vector<MetadataEntry>> entries_of(const json::object& payload) {
  const json::value* list = payload.if_contains("entries");
  if (list == nullptr || !list->is_array() || list->get_array().size() > most_entries)
    return fail(Code::corrupt, "the metadata has no list of entries");
  std::vector<MetadataEntry> entries;
  std::set<Aaguid> seen;
  Roots roots;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object())
      return fail(Code::corrupt, "the metadata has an entry that is not an object");
    auto entry = TRY(entry_of(one.get_object(), roots));
    // A second entry of a model could hide what the first says against it.
    if (entry.aaguid && !seen.insert(*entry.aaguid).second)
      return fail(Code::corrupt, "the metadata has two entries for one AAGUID");
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool is_date(std::string_view text) {
  return text.size() == 10 && std::ranges::all_of(text, [&, i = 0](char c) mutable {
           return i++, i == 5 || i == 8 ? c == '-' : c >= '0' && c <= '9';
         });
}

}  // namespace

bool compromises(std::string_view status) {
  constexpr std::array bad = {std::string_view("REVOKED"),
                              std::string_view("USER_VERIFICATION_BYPASS"),
                              std::string_view("ATTESTATION_KEY_COMPROMISE"),
                              std::string_view("USER_KEY_REMOTE_COMPROMISE"),
                              std::string_view("USER_KEY_PHYSICAL_COMPROMISE")};
  return std::ranges::find(bad, status) != bad.end();
}

const StatusReport* compromise_of(const MetadataEntry& entry,
                                  const crypto::Certificates& certificates) {
  for (const StatusReport& report : entry.reports) {
    if (!compromises(report.status)) continue;
    const auto about = [&](const crypto::Certificate& one) {
      return one.der() == *report.certificate;
    };
    if (!report.certificate || certificates.empty() || std::ranges::any_of(certificates, about))
      return &report;
  }
  return nullptr;
}

bool Metadata::overdue(Time now) const {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  return next_update_ < fmt::format("{:04}-{:02}-{:02}", static_cast<int>(today.year()),
                                    static_cast<unsigned>(today.month()),
                                    static_cast<unsigned>(today.day()));
}

const MetadataEntry* Metadata::find(const Aaguid& aaguid,
                                    const crypto::Certificates& certificates) const {
  if (aaguid != Aaguid{}) {
    const auto at = std::ranges::find(entries_, std::optional(aaguid), &MetadataEntry::aaguid);
    return at != entries_.end() ? &*at : nullptr;
  }
  for (const crypto::Certificate& one : certificates) {
    const Bytes identifier = one.key_identifier();
    for (const MetadataEntry& entry : entries_)
      if (std::ranges::find(entry.key_identifiers, identifier) != entry.key_identifiers.end())
        return &entry;
  }
  return nullptr;
}

Result<Metadata> parse_metadata(std::string_view blob, const MetadataRules& rules) {
  if (blob.size() > longest_metadata_blob)
    return fail(Code::corrupt, "the metadata BLOB is too long");
  const auto payload_bytes =
      TRY(open_jws(blob, {.roots = rules.roots, .now = rules.now, .host = rules.host}));
  return parse_metadata_payload(payload_bytes, rules.newer_than);
}

Result<Metadata> parse_metadata_payload(BytesView payload_bytes, std::int64_t newer_than) {
  const Result<json::value> parsed = formats::parse_json(as_text(payload_bytes), 32);
  if (!parsed)
    return fail(Code::corrupt, "the metadata's payload can't be read: " + parsed.error().what);
  if (!parsed->is_object()) return fail(Code::corrupt, "the metadata's payload is no JSON object");
  const json::value& payload = *parsed;
  Metadata metadata;
  const json::value* number = payload.get_object().if_contains("no");
  if (number == nullptr || !number->is_int64() || number->get_int64() < 0)
    return fail(Code::corrupt, "the metadata has no number (\"no\")");
  metadata.number_ = number->get_int64();
  metadata.next_update_ = text_at(payload.get_object(), "nextUpdate");
  if (!is_date(metadata.next_update_))
    return fail(Code::corrupt, "the metadata has no date of its next update (\"nextUpdate\")");
  if (metadata.number_ < newer_than)
    return fail(
        Code::conflict,
        fmt::format(
            "the metadata has number {}, but number {} was imported before: this is an old one",
            metadata.number_, newer_than));
  auto entries = TRY(entries_of(payload.get_object()));
  metadata.entries_ = std::move(entries);
  return metadata;
}

}  // namespace countersign::webauthn
