// SPDX-License-Identifier: Apache-2.0
// authenticatorCredentialManagement (CTAP 2.1 §6.8).
#include <algorithm>
#include <set>

#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

// The command's pinUvAuthParam over its subcommand and the subcommand's parameters. rp_id: of whom
// it is about, where it is about one.
Status authorized(Key& key, const Value& request, Byte subcommand, const Value* parameters,
                  std::string_view rp_id) {
  const auto given = authorization(request, 4, 3);
  if (!given) return given.error();
  if (!*given) return Status::puat_required;
  Bytes message{subcommand};
  if (parameters != nullptr) {
    const Bytes encoded = cbor::encode(*parameters);
    message.insert(message.end(), encoded.begin(), encoded.end());
  }
  const auto& [protocol, signature] = **given;
  if (rp_id.empty() && key.session.token.bound())
    return Status::pin_auth_invalid;  // §6.8.2: a token for one relying party sees no others
  return key.session.token.authorizes(Permission::credential_management, protocol, message,
                                      signature, key.session.token.bound() ? rp_id : "", key.now)
             ? Status::ok
             : Status::pin_auth_invalid;
}

// 0x01 and 0x02 have no parameters.
Step metadata(Key& key, const Value& request) {
  if (const Status status = authorized(key, request, 0x01, nullptr, ""); status != Status::ok)
    return end(status);
  const std::size_t there = key.count(true);
  return answer(Value::map(
      {{1, static_cast<std::int64_t>(there)},
       {2, static_cast<std::int64_t>(most_discoverable - std::min(most_discoverable, there))}}));
}

// The relying party's entry, from any of its credentials. total: 0 not to tell.
Step relying_party(const Key& key, const crypto::Sha256& rp_id_hash, std::size_t total) {
  const auto found = std::ranges::find_if(key.state.credentials, [&](const Credential& each) {
    return each.discoverable && each.rp_id_hash == rp_id_hash;
  });
  if (found == key.state.credentials.end()) return end(Status::no_credentials);
  Value::Map rp{{"id", found->rp_id}};
  if (found->rp_name) rp.push_back({"name", *found->rp_name});
  Value::Map body{{3, Value::map(std::move(rp))}, {4, rp_id_hash}};
  if (total != 0) body.push_back({5, static_cast<std::int64_t>(total)});
  return answer(Value::map(std::move(body)));
}

Step relying_parties(Key& key, const Value& request) {
  if (const Status status = authorized(key, request, 0x02, nullptr, ""); status != Status::ok)
    return end(status);
  std::set<crypto::Sha256> hashes;
  for (const Credential& each : key.state.credentials)
    if (each.discoverable) hashes.insert(each.rp_id_hash);
  if (hashes.empty()) return end(Status::no_credentials);
  MoreRelyingParties more{{hashes.begin(), hashes.end()}};
  const std::size_t total = more.rp_id_hashes.size();
  const crypto::Sha256 first = more.rp_id_hashes.back();
  more.rp_id_hashes.pop_back();
  key.session.going_on = std::move(more);
  return relying_party(key, first, total);
}

Step next_relying_party(Key& key) {
  auto* const more = std::get_if<MoreRelyingParties>(&key.session.going_on);
  if (more == nullptr || more->rp_id_hashes.empty()) return end(Status::not_allowed);
  const crypto::Sha256 hash = more->rp_id_hashes.back();
  more->rp_id_hashes.pop_back();
  return relying_party(key, hash, 0);
}

Step one_credential(const Credential& credential, std::size_t total) {
  Value::Map body{{6, to_cbor(credential.user, true)},
                  {7, descriptor(credential)},
                  {8, credential.key.cose_public()},
                  {10, static_cast<int>(credential.protection)}};
  if (total != 0) body.push_back({9, static_cast<std::int64_t>(total)});
  return answer(Value::map(std::move(body)));
}

Step credentials(Key& key, const Value& request) {
  const auto parameters = need_map(request, 2);
  if (!parameters) return end(parameters.error());
  const auto hash = need_bytes(**parameters, 1);
  if (!hash) return end(hash.error());
  MoreCredentials more;
  std::string rp_id = "-";  // of nobody, when there is none
  for (const Credential& each : key.state.credentials) {
    if (!each.discoverable || !std::ranges::equal(each.rp_id_hash, **hash)) continue;
    more.credential_ids.push_back(each.id);
    rp_id = each.rp_id;
  }
  if (const Status status = authorized(key, request, 0x04, *parameters, rp_id);
      status != Status::ok)
    return end(status);
  if (more.credential_ids.empty()) return end(Status::no_credentials);
  const std::size_t total = more.credential_ids.size();
  const Credential* const first = key.find(more.credential_ids.back());
  more.credential_ids.pop_back();
  key.session.going_on = std::move(more);
  return one_credential(*first, total);
}

Step next_credential(Key& key) {
  auto* const more = std::get_if<MoreCredentials>(&key.session.going_on);
  if (more == nullptr || more->credential_ids.empty()) return end(Status::not_allowed);
  const Credential* const credential = key.find(more->credential_ids.back());
  more->credential_ids.pop_back();
  return credential == nullptr ? end(Status::not_allowed) : one_credential(*credential, 0);
}

// The discoverable credential that 0x06 and 0x07 name, once the request is authorized.
Outcome<Credential*> named(Key& key, const Value& request, Byte subcommand) {
  const auto parameters = need_map(request, 2);
  if (!parameters) return refuse(parameters.error());
  const auto wanted = need_map(**parameters, 2);
  if (!wanted) return refuse(wanted.error());
  const Bytes* const id = (*wanted)->bytes_at("id");
  if (id == nullptr) return refuse(Status::missing_parameter);
  Credential* const credential = key.find(*id);
  const bool there = credential != nullptr && credential->discoverable;
  if (const Status status =
          authorized(key, request, subcommand, *parameters, there ? credential->rp_id : "-");
      status != Status::ok)
    return refuse(status);
  if (!there) return refuse(Status::no_credentials);
  return credential;
}

Step erase(Key& key, const Value& request) {
  const auto credential = named(key, request, 0x06);
  if (!credential) return end(credential.error());
  const Bytes id = (*credential)->id;
  key.erase(id);
  return end(key.save());
}

Step update_user(Key& key, const Value& request) {
  const auto credential = named(key, request, 0x07);
  if (!credential) return end(credential.error());
  const Value* const entity = request.map_at(2)->find(3);
  if (entity == nullptr) return end(Status::missing_parameter);
  auto user = user_from(*entity);
  if (!user) return end(user.error());
  if (user->id != (*credential)->user.id) return end(Status::invalid_parameter);
  (*credential)->user = std::move(*user);
  return end(key.save());
}

}  // namespace

Step credential_management(Key& key, const Value& request) {
  if (!key.profile.client_pin) return end(Status::invalid_command);
  const auto subcommand = need_integer(request, 1);
  if (!subcommand) return end(subcommand.error());
  switch (*subcommand) {
    case 0x01:
      return metadata(key, request);
    case 0x02:
      return relying_parties(key, request);
    case 0x03:
      return next_relying_party(key);
    case 0x04:
      return credentials(key, request);
    case 0x05:
      return next_credential(key);
    case 0x06:
      return erase(key, request);
    case 0x07:
      return update_user(key, request);
    default:
      return end(Status::invalid_subcommand);
  }
}

}  // namespace countersign::virtual_key
