// SPDX-License-Identifier: Apache-2.0
// authenticatorMakeCredential (CTAP 2.1 §6.1.2) and its extensions (§12).
#include <algorithm>
#include <memory>

#include "core/crypto/system_random.h"
#include "devices/virtual/key/authenticator_data.h"
#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/verification.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

constexpr std::size_t id_size = 48;

struct Request {
  Bytes client_data_hash;
  std::string rp_id;
  std::optional<std::string> rp_name;
  User user;
  Algorithm algorithm = Algorithm::es256;
  std::vector<Bytes> exclude;
  bool rk = false;
  bool uv = false;
  std::optional<Authorization> authorization;
  bool hmac_secret = false;
  bool min_pin_length = false;
  std::optional<Protection> protection;
};
using SharedRequest = std::shared_ptr<const Request>;

// The first of the list that the key can do.
Outcome<Algorithm> choose(const Key& key, const Value& request) {
  const Value* const list = request.find(4);
  if (list == nullptr) return refuse(Status::missing_parameter);
  if (list->array() == nullptr) return refuse(Status::cbor_unexpected_type);
  std::optional<Algorithm> chosen;
  for (const Value& each :
       *list->array()) {  // §6.1.2: each entry is looked at, also after one that fits
    const std::string* const type = each.text_at("type");
    const auto number = each.integer_at("alg");
    if (each.map() == nullptr) return refuse(Status::cbor_unexpected_type);
    if (type == nullptr || !number)
      return refuse(each.find("type") == nullptr || each.find("alg") == nullptr
                        ? Status::missing_parameter
                        : Status::cbor_unexpected_type);
    for (const Algorithm known : key.profile.algorithms)
      if (!chosen && *type == "public-key" && *number == static_cast<int>(known)) chosen = known;
  }
  if (!chosen) return refuse(Status::unsupported_algorithm);
  return *chosen;
}

Outcome<void> read_rp(const Value& request, Request& out) {
  const auto rp = need_map(request, 2);
  if (!rp) return refuse(rp.error());
  if ((*rp)->find("id") == nullptr) return refuse(Status::missing_parameter);
  const std::string* const id = (*rp)->text_at("id");
  if (id == nullptr) return refuse(Status::cbor_unexpected_type);
  out.rp_id = *id;
  if (const std::string* const name = (*rp)->text_at("name")) out.rp_name = *name;
  return {};
}

Outcome<void> read_extensions(const Key& key, const Value& request, Request& out) {
  const Value* const extensions = request.find(6);
  if (extensions == nullptr) return {};
  if (extensions->map() == nullptr) return refuse(Status::cbor_unexpected_type);
  out.hmac_secret = extensions->boolean_at("hmac-secret").value_or(false);
  out.min_pin_length = key.profile.config && extensions->boolean_at("minPinLength").value_or(false);
  if (const auto level = extensions->integer_at("credProtect")) {
    if (*level < 1 || *level > 3) return refuse(Status::invalid_option);
    out.protection = static_cast<Protection>(*level);
  }
  return {};
}

Outcome<void> read_options(const Key& key, const Value& request, Request& out) {
  const auto given = options(request, 7);
  if (!given) return refuse(given.error());
  if (given->up == false) return refuse(Status::invalid_option);
  out.rk = given->rk.value_or(false);
  out.uv = given->uv.value_or(false) && !out.authorization;
  if (out.uv && !key.uv_configured()) return refuse(Status::invalid_option);
  if (request.find(10) != nullptr)
    return refuse(Status::invalid_parameter);  // enterprise attestation: not supported
  return {};
}

Outcome<Request> read(const Key& key, const Value& request) {
  Request out;
  const auto hash = need_bytes(request, 1);
  if (!hash) return refuse(hash.error());
  if ((*hash)->size() != 32) return refuse(Status::invalid_length);
  out.client_data_hash = **hash;
  if (const auto rp = read_rp(request, out); !rp) return refuse(rp.error());
  if (request.find(3) == nullptr) return refuse(Status::missing_parameter);
  auto user = user_from(*request.find(3));
  if (!user) return refuse(user.error());
  out.user = std::move(*user);
  const auto algorithm = choose(key, request);
  if (!algorithm) return refuse(algorithm.error());
  out.algorithm = *algorithm;
  auto exclude = credential_list(request, 5);
  if (!exclude) return refuse(exclude.error());
  if (*exclude) out.exclude = std::move(**exclude);
  auto given = authorization(request, 8, 9);
  if (!given) return refuse(given.error());
  out.authorization = std::move(*given);
  if (const auto read = read_extensions(key, request, out); !read) return refuse(read.error());
  if (const auto read = read_options(key, request, out); !read) return refuse(read.error());
  return out;
}

bool excluded(Key& key, const Request& request, bool verified) {
  const crypto::Sha256 rp = crypto::sha256(as_bytes(request.rp_id));
  return std::ranges::any_of(request.exclude, [&](const Bytes& id) {
    const Credential* const known = key.find(id);
    return known != nullptr && known->rp_id_hash == rp &&
           (known->protection != Protection::required || verified);
  });
}

Credential make(const Request& request) {
  Credential credential{.id = Bytes(id_size),
                        .rp_id_hash = crypto::sha256(as_bytes(request.rp_id)),
                        .rp_id = request.rp_id,
                        .rp_name = request.rp_name,
                        .user = request.user,
                        .key = PrivateKey::generate(request.algorithm),
                        .discoverable = request.rk,
                        .protection = request.protection.value_or(Protection::optional)};
  crypto::SystemRandom random;
  random.fill(credential.id);
  if (request.hmac_secret) {
    credential.random_with_uv = Secret(32);
    credential.random_without_uv = Secret(32);
    random.fill(credential.random_with_uv.expose_mutable());
    random.fill(credential.random_without_uv.expose_mutable());
  }
  return credential;
}

// A discoverable credential takes the place of the same user's at the same relying party.
Status keep(Key& key, Credential credential) {
  if (key.faults.full) return Status::key_store_full;
  auto& all = key.state.credentials;
  const auto same = std::ranges::find_if(all, [&](const Credential& each) {
    return credential.discoverable && each.discoverable &&
           each.rp_id_hash == credential.rp_id_hash && each.user.id == credential.user.id;
  });
  if (same != all.end())
    all.erase(same);
  else if (key.count(credential.discoverable) >=
           (credential.discoverable ? most_discoverable : most_other_credentials))
    return Status::key_store_full;
  all.push_back(std::move(credential));
  return Status::ok;
}

Value extension_outputs(const Key& key, const Request& request) {
  Value::Map outputs;
  if (request.hmac_secret) outputs.push_back({"hmac-secret", true});
  if (request.protection) outputs.push_back({"credProtect", static_cast<int>(*request.protection)});
  if (request.min_pin_length && std::ranges::find(key.state.min_pin_length_rps, request.rp_id) !=
                                    key.state.min_pin_length_rps.end())
    outputs.push_back({"minPinLength", static_cast<std::int64_t>(key.state.min_pin_length)});
  return outputs.empty() ? Value() : Value::map(std::move(outputs));
}

Step finish(Key& key, const Request& request, bool verified) {
  key.session.token.revoke();
  Credential credential = make(request);
  const std::uint32_t counter = next_counter(key);
  const Byte flags = static_cast<Byte>(Flag::user_present | (verified ? Flag::user_verified : 0));
  const Bytes data =
      authenticator_data(key, credential.rp_id_hash, flags, counter,
                         attested_credential_data(credential), extension_outputs(key, request));
  if (const Status kept = keep(key, std::move(credential)); kept != Status::ok) return end(kept);
  if (const Status saved = key.save(); saved != Status::ok) return end(saved);
  const Attestation& attestation = key.state.attestation;
  const Bytes signature = attestation.key.sign(join({data, request.client_data_hash}));
  return answer(Value::map({{1, "packed"},
                            {2, data},
                            {3, Value::map({{"alg", static_cast<int>(Algorithm::es256)},
                                            {"sig", signature},
                                            {"x5c", Value::array({attestation.certificate})}})}}));
}

Step go_on(Key& key, const SharedRequest& request, Evidence evidence) {
  const bool known = excluded(key, *request, evidence.verified);
  return touch(evidence, [&key, request, known, evidence] {
    return known ? end(Status::credential_excluded) : finish(key, *request, evidence.verified);
  });
}

}  // namespace

Step make_credential(Key& key, const Value& parameters) {
  if (const Bytes* const param = parameters.bytes_at(8); param != nullptr && param->empty())
    return select_by_empty_authorization(key);
  auto read_request = read(key, parameters);
  if (!read_request) return end(read_request.error());
  auto request = std::make_shared<Request>(std::move(*read_request));
  const bool always = key.state.always_uv;
  if (always && !key.is_protected())
    return end(key.profile.client_pin ? Status::puat_required : Status::operation_denied);
  if (always && !request->authorization && key.uv_configured()) request->uv = true;
  // makeCredUvNotRqd: a credential that is not discoverable may be made unverified.
  const Ceremony ceremony{.permission = Permission::make_credential,
                          .rp_id = request->rp_id,
                          .client_data_hash = request->client_data_hash,
                          .authorization = request->authorization,
                          .uv = request->uv,
                          .demanded = always || (key.is_protected() && request->rk)};
  return verify_user(key, ceremony, [&key, request = SharedRequest(request)](Evidence evidence) {
    return go_on(key, request, evidence);
  });
}

}  // namespace countersign::virtual_key
