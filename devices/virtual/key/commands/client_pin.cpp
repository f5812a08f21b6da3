// SPDX-License-Identifier: Apache-2.0
// authenticatorClientPIN (CTAP 2.1 §6.5.5).
#include <algorithm>
#include <memory>

#include "core/crypto/hash.h"
#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/pin.h"
#include "devices/virtual/key/verification.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

constexpr Byte known_permissions = 0x2f;  // all but largeBlobWrite

Outcome<PinProtocol> protocol_of(const Value& request) {
  const auto number = need_integer(request, 1);
  if (!number) return refuse(number.error());
  const auto protocol = pin_protocol(*number);
  if (!protocol) return refuse(Status::invalid_parameter);
  return *protocol;
}

Outcome<SharedSecret> shared_with(const Key& key, const Value& request) {
  const auto protocol = protocol_of(request);
  if (!protocol) return refuse(protocol.error());
  const auto peer = need_map(request, 3);
  if (!peer) return refuse(peer.error());
  auto shared = key.session.agreement.decapsulate(*protocol, **peer);
  if (!shared) return refuse(Status::invalid_parameter);
  return std::move(*shared);
}

Step pin_retries(const Key& key) {
  Value::Map body{{3, key.state.pin_retries}};
  if (pin_needs_power_cycle(key)) body.push_back({4, true});
  return answer(Value::map(std::move(body)));
}

Step key_agreement(const Key& key, const Value& request) {
  if (const auto protocol = protocol_of(request); !protocol) return end(protocol.error());
  return answer(Value::map({{1, key.session.agreement.cose_public()}}));
}

Step set(Key& key, const Value& request) {
  const auto new_pin = need_bytes(request, 5);
  const auto signature = need_bytes(request, 4);
  if (!new_pin) return end(new_pin.error());
  if (!signature) return end(signature.error());
  const auto shared = shared_with(key, request);
  if (!shared) return end(shared.error());
  if (key.pin_set()) return end(Status::pin_auth_invalid);
  if (!shared->verify(**new_pin, **signature)) return end(Status::pin_auth_invalid);
  return end(take_new_pin(key, *shared, **new_pin));
}

Step change(Key& key, const Value& request) {
  const auto new_pin = need_bytes(request, 5);
  const auto old_hash = need_bytes(request, 6);
  const auto signature = need_bytes(request, 4);
  for (const auto& each : {new_pin, old_hash, signature})
    if (!each) return end(each.error());
  const auto shared = shared_with(key, request);
  if (!shared) return end(shared.error());
  if (!key.pin_set()) return end(Status::pin_not_set);
  if (key.state.pin_retries == 0) return end(Status::pin_blocked);
  Bytes both = **new_pin;
  both.insert(both.end(), (*old_hash)->begin(), (*old_hash)->end());
  if (!shared->verify(both, **signature)) return end(Status::pin_auth_invalid);
  if (const Status known = check_pin(key, *shared, **old_hash); known != Status::ok)
    return end(known);
  return end(take_new_pin(key, *shared, **new_pin));
}

Step give_token(Key& key, const SharedSecret& shared, PinToken::Grant grant) {
  key.session.token.grant(std::move(grant), key.now);
  return answer(Value::map({{2, shared.encrypt(key.session.token.value())}}));
}

// getPinToken: as CTAP 2.0 had it, for both ceremonies.
Step legacy_token(Key& key, const Value& request) {
  const auto hash = need_bytes(request, 6);
  if (!hash) return end(hash.error());
  if (request.find(9) != nullptr || request.find(10) != nullptr)
    return end(Status::invalid_parameter);
  const auto shared = shared_with(key, request);
  if (!shared) return end(shared.error());
  if (const Status known = check_pin(key, *shared, **hash); known != Status::ok) return end(known);
  if (key.state.force_pin_change) return end(Status::pin_policy_violation);
  constexpr Byte both =
      static_cast<Byte>(Permission::make_credential) | static_cast<Byte>(Permission::get_assertion);
  return give_token(key, *shared, {*protocol_of(request), both, std::nullopt, false});
}

// The permissions asked for, and the relying party that they are for.
Outcome<PinToken::Grant> grant_of(const Key& key, const Value& request, bool by_finger) {
  const auto protocol = protocol_of(request);
  const auto permissions = need_integer(request, 9);
  if (!protocol) return refuse(protocol.error());
  if (!permissions) return refuse(permissions.error());
  if (*permissions <= 0 || *permissions > 0xff) return refuse(Status::invalid_parameter);
  const auto asked = static_cast<Byte>(*permissions);
  const auto asks = [&](Permission permission) {
    return (asked & static_cast<Byte>(permission)) != 0;
  };
  if ((asked & ~known_permissions) != 0 ||
      (asks(Permission::bio_enrollment) && !key.profile.built_in_uv) ||
      (asks(Permission::authenticator_config) && !key.profile.config))
    return refuse(Status::unauthorized_permission);
  const std::string* const rp_id = request.text_at(10);
  if (rp_id == nullptr && (asks(Permission::make_credential) || asks(Permission::get_assertion)))
    return refuse(Status::missing_parameter);
  return PinToken::Grant{*protocol, asked, rp_id == nullptr ? std::nullopt : std::optional(*rp_id),
                         by_finger};
}

Step token_by_pin(Key& key, const Value& request) {
  const auto hash = need_bytes(request, 6);
  if (!hash) return end(hash.error());
  auto grant = grant_of(key, request, false);
  if (!grant) return end(grant.error());
  const auto shared = shared_with(key, request);
  if (!shared) return end(shared.error());
  if (const Status known = check_pin(key, *shared, **hash); known != Status::ok) return end(known);
  if (key.state.force_pin_change) return end(Status::pin_policy_violation);
  return give_token(key, *shared, std::move(*grant));
}

Step token_by_finger(Key& key, const Value& request) {
  if (!key.profile.built_in_uv) return end(Status::invalid_subcommand);
  auto grant = grant_of(key, request, true);
  if (!grant) return end(grant.error());
  auto shared = shared_with(key, request);
  if (!shared) return end(shared.error());
  if (!key.uv_configured()) return end(Status::not_allowed);
  const auto kept = std::make_shared<SharedSecret>(std::move(*shared));
  return built_in_uv(key, [&key, kept, grant = std::move(*grant)](Status status) {
    return status == Status::ok ? give_token(key, *kept, grant) : end(status);
  });
}

}  // namespace

Step client_pin(Key& key, const Value& request) {
  constexpr std::int64_t get_key_agreement = 0x02;  // a key without a PIN has it for hmac-secret
  const auto subcommand = need_integer(request, 2);
  if (!subcommand) return end(subcommand.error());
  if (!key.profile.client_pin && *subcommand != get_key_agreement)
    return end(Status::invalid_command);
  switch (*subcommand) {
    case 0x01:
      return pin_retries(key);
    case get_key_agreement:
      return key_agreement(key, request);
    case 0x03:
      return set(key, request);
    case 0x04:
      return change(key, request);
    case 0x05:
      return legacy_token(key, request);
    case 0x06:
      return token_by_finger(key, request);
    case 0x07:
      return key.profile.built_in_uv ? answer(Value::map({{5, key.state.uv_retries}}))
                                     : end(Status::invalid_subcommand);
    case 0x09:
      return token_by_pin(key, request);
    default:
      return end(Status::invalid_subcommand);
  }
}

}  // namespace countersign::virtual_key
