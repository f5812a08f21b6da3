// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/attestation_trust.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "core/base/text.h"
#include "core/encoding/cbor.h"
#include "core/encoding/hex.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/fido2_credentials.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;

constexpr std::int64_t rule_key = 1, roots_key = 2, metadata_roots_key = 3, allowed_key = 4,
                       denied_key = 5;

cbor::Value list_of(const auto& many) {
  cbor::Value::Array items;
  for (const auto& each : many) items.emplace_back(Bytes(each.begin(), each.end()));
  return cbor::Value::array(std::move(items));
}

Bytes encode(const AttestationRules& rules) {
  return cbor::encode(cbor::Value::map({{rule_key, static_cast<std::int64_t>(rules.rule)},
                                        {roots_key, list_of(rules.roots)},
                                        {metadata_roots_key, list_of(rules.metadata_roots)},
                                        {allowed_key, list_of(rules.allowed)},
                                        {denied_key, list_of(rules.denied)}}));
}

std::vector<Bytes> bytes_at(const cbor::Value& map, std::int64_t key) {
  std::vector<Bytes> all;
  if (const auto* items = map.array_at(key))
    for (const cbor::Value& item : *items)
      if (item.bytes() != nullptr) all.push_back(*item.bytes());
  return all;
}

std::vector<webauthn::Aaguid> models_at(const cbor::Value& map, std::int64_t key) {
  std::vector<webauthn::Aaguid> all;
  for (const Bytes& each : bytes_at(map, key)) {
    webauthn::Aaguid model{};
    if (each.size() == model.size()) std::ranges::copy(each, model.begin());
    all.push_back(model);
  }
  return all;
}

Result<AttestationRules> decode(BytesView stored) {
  const Result<cbor::Value> map = cbor::parse(stored);
  if (!map) return fail(Code::corrupt, "the stored rules for attestation are malformed");
  const auto rule = map->integer_at(rule_key).value_or(-1);
  if (rule < 0 || rule > static_cast<std::int64_t>(webauthn::AttestationRule::trusted))
    return fail(Code::corrupt, "the stored rules for attestation are malformed");
  return AttestationRules{.rule = static_cast<webauthn::AttestationRule>(rule),
                          .roots = bytes_at(*map, roots_key),
                          .metadata_roots = bytes_at(*map, metadata_roots_key),
                          .allowed = models_at(*map, allowed_key),
                          .denied = models_at(*map, denied_key)};
}

Result<crypto::Certificates> certificates_of(const std::vector<Bytes>& ders) {
  crypto::Certificates all;
  for (const Bytes& der : ders) {
    crypto::Certificate one = TRY(crypto::Certificate::parse(der));
    all.push_back(std::move(one));
  }
  return all;
}

Result<std::shared_ptr<const AttestationState>> state_of(
    AttestationRules rules, std::shared_ptr<const webauthn::Metadata> metadata) {
  Result<crypto::Certificates> roots = certificates_of(rules.roots);
  if (!roots) return fail(Code::invalid, "a root can't be read: " + roots.error().what);
  auto state = std::make_shared<AttestationState>();
  state->policy = {.rule = rules.rule,
                   .roots = std::move(*roots),
                   .metadata = metadata.get(),
                   .allowed = rules.allowed,
                   .denied = rules.denied};
  state->rules = std::move(rules);
  state->metadata = std::move(metadata);
  return state;
}

Result<AttestationRules> stored_rules(Context& context, Setting& setting) {
  Setting read = TRY(setting_or_new(context, attestation_setting));
  setting = std::move(read);
  return setting.value.empty() ? AttestationRules{} : decode(setting.value);
}

Result<webauthn::Metadata> read_blob(std::string_view blob, const AttestationRules& rules, Time at,
                                     std::int64_t newer_than) {
  const Result<crypto::Certificates> roots = certificates_of(rules.metadata_roots);
  if (!roots) return fail(Code::invalid, "the root can't be read: " + roots.error().what);
  return webauthn::parse_metadata(blob, {.roots = *roots, .now = at, .newer_than = newer_than});
}

// A BLOB as it is stored: when it was imported, in Unix milliseconds of 13 digits, and the BLOB. It
// is judged again by that time, since a signer's certificate that has run out since does not undo
// the import.
constexpr std::size_t time_digits = 13;

Bytes stored_blob(Time imported, std::string_view blob) {
  const std::string text = std::to_string(unix_ms(imported)) + std::string(blob);
  const BytesView octets = as_bytes(text);
  return {octets.begin(), octets.end()};
}

Result<webauthn::Metadata> read_stored(BytesView stored, const AttestationRules& rules) {
  const std::string_view text = as_text(stored);
  std::int64_t imported = 0;
  if (text.size() < time_digits ||
      std::from_chars(text.data(), text.data() + time_digits, imported).ec != std::errc())
    return fail(Code::corrupt, "the stored metadata is malformed");
  return read_blob(text.substr(time_digits), rules, from_unix_ms(imported), -1);
}

}  // namespace

std::shared_ptr<const AttestationState> AttestationTrust::now() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void AttestationTrust::use(std::shared_ptr<const AttestationState> state) {
  const std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

Result<void> load_attestation(Context& context) {
  Setting setting;
  AttestationRules rules = TRY(stored_rules(context, setting));
  const Setting blob = TRY(setting_or_new(context, metadata_setting));
  std::shared_ptr<const webauthn::Metadata> metadata;
  if (!blob.value.empty()) {
    webauthn::Metadata read = TRY(read_stored(blob.value, rules));
    metadata = std::make_shared<const webauthn::Metadata>(std::move(read));
  }
  auto state = TRY(state_of(std::move(rules), std::move(metadata)));
  context.attestation.use(std::move(state));
  return {};
}

void set_attestation(Context& context, Caller caller, AttestationRules rules, Basis basis,
                     Then<std::monostate> then) {
  auto shared = std::make_shared<std::shared_ptr<const AttestationState>>();
  apply<std::monostate>(
      context,
      [&context, caller = std::move(caller), rules = std::move(rules), basis = std::move(basis),
       shared]() -> Result<Prepared<std::monostate>> {
        Setting setting;
        const AttestationRules before = TRY(stored_rules(context, setting));
        auto state = TRY(state_of(rules, context.attestation.now()->metadata));
        *shared = std::move(state);
        setting.value = encode(rules);
        Change change;
        change.writes.emplace_back(std::move(setting));
        change.events.push_back(event_of(context, caller, "attestation.set"));
        if (!basis.text().empty())
          change.events.back().details.emplace_back("rests_on", basis.text());
        auto& details = change.events.back().details;
        details.emplace_back("roots", std::to_string(rules.roots.size()));
        details.emplace_back("allowed", std::to_string(rules.allowed.size()));
        details.emplace_back("denied", std::to_string(rules.denied.size()));
        return Prepared<std::monostate>{.change = std::move(change), .answer = {}};
      },
      [&context, shared, then = std::move(then)](Result<std::monostate> done) mutable {
        if (done) context.attestation.use(*shared);
        then(std::move(done));
      });
}

void import_metadata(Context& context, Caller caller, std::string blob, Bytes root,
                     Then<ImportedMetadata> then) {
  auto shared = std::make_shared<std::shared_ptr<const AttestationState>>();
  apply<ImportedMetadata>(
      context,
      [&context, caller = std::move(caller), blob = std::move(blob), root = std::move(root),
       shared]() -> Result<Prepared<ImportedMetadata>> {
        Setting rules_setting;
        AttestationRules rules = TRY(stored_rules(context, rules_setting));
        Setting blob_setting = TRY(setting_or_new(context, metadata_setting));
        if (!root.empty() &&
            std::ranges::find(rules.metadata_roots, root) == rules.metadata_roots.end())
          rules.metadata_roots.push_back(root);
        const auto had = context.attestation.now()->metadata;
        const Time now = context.clock.read().now;
        webauthn::Metadata read = TRY(read_blob(blob, rules, now, had ? had->number() : -1));
        const auto metadata = std::make_shared<const webauthn::Metadata>(std::move(read));
        ImportedMetadata answer{.entries = metadata->entries().size(),
                                .number = metadata->number(),
                                .next_update = metadata->next_update(),
                                .overdue = metadata->overdue(now)};
        rules_setting.value = encode(rules);
        blob_setting.value = stored_blob(now, blob);
        auto state = TRY(state_of(std::move(rules), metadata));
        *shared = std::move(state);
        Change change;
        change.writes.emplace_back(std::move(rules_setting));
        change.writes.emplace_back(std::move(blob_setting));
        change.events.push_back(event_of(context, caller, "metadata.import"));
        change.events.back().details.emplace_back("number", std::to_string(answer.number));
        change.events.back().details.emplace_back("entries", std::to_string(answer.entries));
        return Prepared<ImportedMetadata>{.change = std::move(change), .answer = std::move(answer)};
      },
      [&context, shared, then = std::move(then)](Result<ImportedMetadata> done) mutable {
        if (done) context.attestation.use(*shared);
        then(std::move(done));
      });
}

Result<std::vector<KeyAtRisk>> keys_at_risk(Context& context) {
  const auto trust = context.attestation.now();
  std::vector<KeyAtRisk> risky;
  AuthenticatorFilter filter{.kind = Kind::fido2, .status = Status::active};
  while (true) {
    const auto page = TRY(context.store.authenticators(filter));
    for (const Authenticator& each : page) {
      const auto known = TRY(context.credentials.open(context.vault, each));
      webauthn::Report report;
      if (webauthn::judge_again(known->credential, trust->policy, each.created, report)) continue;
      const auto step = report.refused();
      risky.push_back({each, step ? std::string(webauthn::text_of(*step).reason) : "refused"});
    }
    if (page.size() < filter.limit) return risky;
    filter.after = page.back().id;
  }
}

std::string to_text(const webauthn::Aaguid& model) {
  std::string hex = formats::hex_encode(model);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return hex;
}

Result<webauthn::Aaguid> aaguid_from_text(std::string_view text) {
  const Result<Secret> octets = formats::hex_decode(text);
  webauthn::Aaguid model{};
  if (!octets || octets->size() != model.size())
    return fail(Code::invalid, "'" + escape_text(text) + "' is no AAGUID (32 hexadecimal digits)");
  std::ranges::copy(octets->expose(), model.begin());
  return model;
}

}  // namespace countersign::engine
