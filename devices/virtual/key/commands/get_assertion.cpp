// SPDX-License-Identifier: Apache-2.0
// authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2, §6.3).
#include <algorithm>
#include <memory>

#include "devices/virtual/key/authenticator_data.h"
#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/hmac_secret.h"
#include "devices/virtual/key/verification.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

struct Request {
  std::string rp_id;
  Bytes client_data_hash;
  std::optional<std::vector<Bytes>> allow;
  Value hmac_secret;  // null without
  bool up = true;
  bool uv = false;
  std::optional<Authorization> authorization;
};
using SharedRequest = std::shared_ptr<const Request>;

Outcome<void> read_options(const Key& key, const Value& request, Request& out) {
  const auto given = options(request, 5);
  if (!given) return refuse(given.error());
  if (given->rk) return refuse(Status::unsupported_option);
  out.up = given->up.value_or(true);
  out.uv = given->uv.value_or(false) && !out.authorization;
  if (out.uv && !key.uv_configured()) return refuse(Status::invalid_option);
  return {};
}

Outcome<void> read_extensions(const Value& request, Request& out) {
  const Value* const extensions = request.find(4);
  if (extensions == nullptr) return {};
  if (extensions->map() == nullptr) return refuse(Status::cbor_unexpected_type);
  if (const Value* const input = extensions->find("hmac-secret")) {
    if (input->map() == nullptr) return refuse(Status::cbor_unexpected_type);
    out.hmac_secret = *input;
  }
  return {};
}

Outcome<Request> read(const Key& key, const Value& request) {
  Request out;
  const auto rp_id = need_text(request, 1);
  const auto hash = need_bytes(request, 2);
  if (!rp_id) return refuse(rp_id.error());
  if (!hash) return refuse(hash.error());
  if ((*hash)->size() != 32) return refuse(Status::invalid_length);
  out.rp_id = **rp_id;
  out.client_data_hash = **hash;
  auto allow = credential_list(request, 3);
  if (!allow) return refuse(allow.error());
  out.allow = std::move(*allow);
  auto given = authorization(request, 6, 7);
  if (!given) return refuse(given.error());
  out.authorization = std::move(*given);
  if (const auto read = read_extensions(request, out); !read) return refuse(read.error());
  if (const auto read = read_options(key, request, out); !read) return refuse(read.error());
  if (!out.up && !out.hmac_secret.is_null()) return refuse(Status::unsupported_option);  // §12.5
  return out;
}

bool usable(const Credential& credential, bool listed, bool verified) {
  if (verified) return true;
  switch (credential.protection) {
    case Protection::optional:
      return true;
    case Protection::optional_with_id_list:
      return listed;
    case Protection::required:
      return false;
  }
  std::unreachable();
}

// Oldest first; of an allow list, one.
std::vector<Bytes> applicable(const Key& key, const Request& request, bool verified) {
  const crypto::Sha256 rp = crypto::sha256(as_bytes(request.rp_id));
  std::vector<Bytes> ids;
  for (const Credential& each : key.state.credentials) {
    if (each.rp_id_hash != rp || !usable(each, request.allow.has_value(), verified)) continue;
    if (request.allow ? std::ranges::find(*request.allow, each.id) != request.allow->end()
                      : each.discoverable)
      ids.push_back(each.id);
  }
  if (request.allow && ids.size() > 1) ids.erase(ids.begin(), ids.end() - 1);
  return ids;
}

// One assertion's answer. total: how many there are in all, 0 or 1 not to tell.
Step assert_with(Key& key, const Credential& credential, BytesView client_data_hash, Byte flags,
                 const Value& hmac_secret, std::size_t total, bool listed) {
  const bool verified = (flags & Flag::user_verified) != 0;
  Value extensions;
  if (!hmac_secret.is_null()) {
    const auto salts = open_salts(key, hmac_secret);
    if (!salts) return end(salts.error());
    Value output = hmac_secret_output(*salts, credential, verified);
    if (!output.is_null()) extensions = Value::map({{"hmac-secret", std::move(output)}});
  }
  const Bytes data =
      authenticator_data(key, credential.rp_id_hash, flags, next_counter(key), {}, extensions);
  if (const Status saved = key.save(); saved != Status::ok) return end(saved);
  Value::Map body{{1, descriptor(credential)},
                  {2, data},
                  {3, credential.key.sign(join({data, client_data_hash}))}};
  // §6.2.2: names only where somebody was verified and has to choose.
  if (credential.discoverable && !credential.user.id.empty())
    body.push_back({4, to_cbor(credential.user, verified && !listed)});
  if (total > 1) body.push_back({5, static_cast<std::int64_t>(total)});
  return answer(Value::map(std::move(body)));
}

Step finish(Key& key, const Request& request, std::vector<Bytes> ids, bool verified) {
  if (request.up) key.session.token.revoke();
  const Byte flags = static_cast<Byte>((request.up ? Flag::user_present : 0) |
                                       (verified ? Flag::user_verified : 0));
  const std::size_t total = ids.size();
  const Credential* const newest = key.find(ids.back());
  ids.pop_back();
  Step first = assert_with(key, *newest, request.client_data_hash, flags, request.hmac_secret,
                           total, request.allow.has_value());
  if (!ids.empty())
    key.session.going_on = MoreAssertions{std::move(ids), request.client_data_hash, flags,
                                          request.hmac_secret, key.now};
  return first;
}

Step go_on(Key& key, const SharedRequest& request, Evidence evidence) {
  std::vector<Bytes> ids = applicable(key, *request, evidence.verified);
  if (ids.empty()) return end(Status::no_credentials);
  if (!request->up) return finish(key, *request, std::move(ids), evidence.verified);
  return touch(evidence, [&key, request, ids = std::move(ids), evidence] {
    return finish(key, *request, ids, evidence.verified);
  });
}

}  // namespace

Step get_assertion(Key& key, const Value& parameters) {
  if (const Bytes* const param = parameters.bytes_at(6); param != nullptr && param->empty())
    return select_by_empty_authorization(key);
  auto read_request = read(key, parameters);
  if (!read_request) return end(read_request.error());
  auto request = std::make_shared<Request>(std::move(*read_request));
  const bool always = key.state.always_uv && request->up;
  if (always && !key.is_protected())
    return end(key.profile.client_pin ? Status::puat_required : Status::operation_denied);
  if (always && !request->authorization && key.uv_configured()) request->uv = true;
  const Ceremony ceremony{.permission = Permission::get_assertion,
                          .rp_id = request->rp_id,
                          .client_data_hash = request->client_data_hash,
                          .authorization = request->authorization,
                          .uv = request->uv,
                          .demanded = always};
  return verify_user(key, ceremony, [&key, request = SharedRequest(request)](Evidence evidence) {
    return go_on(key, request, evidence);
  });
}

Step get_next_assertion(Key& key) {
  constexpr std::chrono::seconds patience{30};
  auto* const more = std::get_if<MoreAssertions>(&key.session.going_on);
  if (more == nullptr) return end(Status::not_allowed);
  if (key.now - more->last >= patience || more->credential_ids.empty()) {
    key.session.going_on = {};
    return end(Status::not_allowed);
  }
  more->last = key.now;
  const Credential* const credential = key.find(more->credential_ids.back());
  more->credential_ids.pop_back();
  if (credential == nullptr) return end(Status::not_allowed);
  return assert_with(key, *credential, more->client_data_hash, more->flags, more->hmac_secret, 0,
                     false);
}

}  // namespace countersign::virtual_key
