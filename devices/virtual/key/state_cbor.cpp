// SPDX-License-Identifier: Apache-2.0
// The state file's content: one CBOR map, {"countersign-virtual": 1, ...}.
#include <algorithm>

#include "devices/virtual/key/state.h"

namespace countersign::virtual_key {
namespace {

using formats::cbor::Entry;
using formats::cbor::Value;

constexpr std::int64_t version = 1;

void put(Value::Map& map, std::string_view key, const std::optional<std::string>& text) {
  if (text) map.push_back({key, *text});
}

Value credential_to_cbor(const Credential& credential) {
  Value::Map map{{"id", credential.id},
                 {"rp-hash", credential.rp_id_hash},
                 {"rp", credential.rp_id},
                 {"user", credential.user.id},
                 {"algorithm", static_cast<int>(credential.key.algorithm())},
                 {"key", credential.key.pkcs8().expose()},
                 {"discoverable", credential.discoverable},
                 {"protection", static_cast<int>(credential.protection)},
                 {"random-uv", credential.random_with_uv.expose()},
                 {"random", credential.random_without_uv.expose()}};
  put(map, "rp-name", credential.rp_name);
  put(map, "user-name", credential.user.name);
  put(map, "display-name", credential.user.display_name);
  return Value::map(std::move(map));
}

std::unexpected<Error> corrupt() {
  return fail(Code::corrupt, "this is no state of a virtual key, or a damaged one");
}

std::optional<std::string> text_of(const Value& map, std::string_view key) {
  const std::string* const text = map.text_at(key);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

Result<Credential> credential_from(const Value& value) {
  const auto algorithm = value.integer_at("algorithm");
  const auto protection = value.integer_at("protection");
  const auto discoverable = value.boolean_at("discoverable");
  const std::array wanted{value.bytes_at("id"),        value.bytes_at("rp-hash"),
                          value.bytes_at("user"),      value.bytes_at("key"),
                          value.bytes_at("random-uv"), value.bytes_at("random")};
  const auto& [id, rp_hash, user, key, random_uv, random] = wanted;
  const std::string* const rp = value.text_at("rp");
  if (std::ranges::find(wanted, nullptr) != wanted.end() || rp == nullptr || !algorithm ||
      !protection || !discoverable || rp_hash->size() != 32)
    return corrupt();
  if (*algorithm != -7 && *algorithm != -8 && *algorithm != -257) return corrupt();
  auto private_key = TRY(PrivateKey::from_pkcs8(static_cast<Algorithm>(*algorithm), *key));
  Credential credential{
      .id = *id,
      .rp_id = *rp,
      .rp_name = text_of(value, "rp-name"),
      .user = {*user, text_of(value, "user-name"), text_of(value, "display-name")},
      .key = std::move(private_key),
      .discoverable = *discoverable,
      .protection = static_cast<Protection>(std::clamp<std::int64_t>(*protection, 1, 3)),
      .random_with_uv = Secret(BytesView(*random_uv)),
      .random_without_uv = Secret(BytesView(*random))};
  std::ranges::copy(*rp_hash, credential.rp_id_hash.begin());
  return credential;
}

Result<Attestation> attestation_from(const Value& value) {
  const Bytes* const key = value.bytes_at("key");
  const Bytes* const certificate = value.bytes_at("certificate");
  const Bytes* const root = value.bytes_at("root");
  if (key == nullptr || certificate == nullptr || root == nullptr) return corrupt();
  auto private_key = TRY(PrivateKey::from_pkcs8(Algorithm::es256, *key));
  return Attestation{std::move(private_key), *certificate, *root};
}

// Numbers and flags.
bool read_settings(const Value& value, State& state) {
  const auto counter = value.integer_at("counter");
  const auto pin_length = value.integer_at("pin-length");
  const auto pin_retries = value.integer_at("pin-retries");
  const auto uv_retries = value.integer_at("uv-retries");
  const auto min_pin_length = value.integer_at("min-pin-length");
  const auto always_uv = value.boolean_at("always-uv");
  const auto force_change = value.boolean_at("force-pin-change");
  const Bytes* const pin_hash = value.bytes_at("pin-hash");
  if (!counter || !pin_length || !pin_retries || !uv_retries || !min_pin_length || !always_uv ||
      !force_change || pin_hash == nullptr)
    return false;
  state.counter = static_cast<std::uint32_t>(*counter);
  state.pin_length = static_cast<std::size_t>(*pin_length);
  state.pin_retries = static_cast<int>(*pin_retries);
  state.uv_retries = static_cast<int>(*uv_retries);
  state.min_pin_length = static_cast<std::size_t>(*min_pin_length);
  state.always_uv = *always_uv;
  state.force_pin_change = *force_change;
  state.pin_hash = Secret(BytesView(*pin_hash));
  return state.pin_hash.empty() || state.pin_hash.size() == 16;
}

bool read_lists(const Value& value, State& state) {
  const Value::Array* const rps = value.array_at("min-pin-length-rps");
  const Value::Array* const fingerprints = value.array_at("fingerprints");
  if (rps == nullptr || fingerprints == nullptr) return false;
  for (const Value& rp : *rps) {
    if (rp.text() == nullptr) return false;
    state.min_pin_length_rps.push_back(*rp.text());
  }
  for (const Value& fingerprint : *fingerprints) {
    const Bytes* const id = fingerprint.bytes_at("id");
    const std::string* const name = fingerprint.text_at("name");
    if (id == nullptr || name == nullptr) return false;
    state.fingerprints.push_back({*id, *name});
  }
  return true;
}

}  // namespace

Value to_cbor(const State& state) {
  Value::Array credentials;
  for (const Credential& credential : state.credentials)
    credentials.push_back(credential_to_cbor(credential));
  Value::Array fingerprints;
  for (const Fingerprint& each : state.fingerprints)
    fingerprints.push_back(Value::map({{"id", each.id}, {"name", each.name}}));
  Value::Array rps;
  for (const std::string& rp : state.min_pin_length_rps) rps.push_back(rp);
  return Value::map({{"countersign-virtual", version},
                     {"serial", state.serial},
                     {"attestation", Value::map({{"key", state.attestation.key.pkcs8().expose()},
                                                 {"certificate", state.attestation.certificate},
                                                 {"root", state.attestation.root}})},
                     {"counter", state.counter},
                     {"pin-hash", state.pin_hash.expose()},
                     {"pin-length", static_cast<std::int64_t>(state.pin_length)},
                     {"pin-retries", state.pin_retries},
                     {"uv-retries", state.uv_retries},
                     {"always-uv", state.always_uv},
                     {"min-pin-length", static_cast<std::int64_t>(state.min_pin_length)},
                     {"force-pin-change", state.force_pin_change},
                     {"min-pin-length-rps", Value::array(std::move(rps))},
                     {"credentials", Value::array(std::move(credentials))},
                     {"fingerprints", Value::array(std::move(fingerprints))}});
}

Result<State> state_from(const Value& value) {
  if (value.integer_at("countersign-virtual") != version) return corrupt();
  const std::string* const serial = value.text_at("serial");
  const Value* const attestation = value.map_at("attestation");
  const Value::Array* const credentials = value.array_at("credentials");
  if (serial == nullptr || attestation == nullptr || credentials == nullptr) return corrupt();
  auto own = TRY(attestation_from(*attestation));
  State state{.serial = *serial, .attestation = std::move(own)};
  if (!read_settings(value, state) || !read_lists(value, state)) return corrupt();
  for (const Value& each : *credentials) {
    auto credential = TRY(credential_from(each));
    state.credentials.push_back(std::move(credential));
  }
  return state;
}

}  // namespace countersign::virtual_key
