// SPDX-License-Identifier: Apache-2.0
// authenticatorConfig (CTAP 2.1 §6.11): always-UV and the minimum PIN length.
#include <algorithm>

#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

constexpr std::size_t longest_pin = 63;
constexpr std::size_t most_rps = 8;

// §6.11: 32 octets 0xff | 0x0d | subCommand | subCommandParams.
Status authorized(Key& key, const Value& request, Byte subcommand) {
  if (!key.is_protected()) return Status::ok;
  const auto given = authorization(request, 4, 3);
  if (!given) return given.error();
  if (!*given) return Status::puat_required;
  Bytes message(32, 0xff);
  message.push_back(0x0d);
  message.push_back(subcommand);
  if (const Value* const parameters = request.map_at(2)) {
    const Bytes encoded = cbor::encode(*parameters);
    message.insert(message.end(), encoded.begin(), encoded.end());
  }
  return key.session.token.authorizes(Permission::authenticator_config, (*given)->protocol, message,
                                      (*given)->signature, "", key.now)
             ? Status::ok
             : Status::pin_auth_invalid;
}

Status take_rps(Key& key, const Value& parameters) {
  const Value* const list = parameters.find(2);
  if (list == nullptr) return Status::ok;
  if (list->array() == nullptr) return Status::cbor_unexpected_type;
  if (list->array()->size() > most_rps) return Status::key_store_full;
  std::vector<std::string> rps;
  for (const Value& each : *list->array()) {
    if (each.text() == nullptr) return Status::cbor_unexpected_type;
    rps.push_back(*each.text());
  }
  key.state.min_pin_length_rps = std::move(rps);
  return Status::ok;
}

Step set_min_pin_length(Key& key, const Value& request) {
  const Value* const parameters = request.map_at(2);
  if (parameters == nullptr) return end(Status::missing_parameter);
  const auto length = static_cast<std::size_t>(
      parameters->integer_at(1).value_or(static_cast<std::int64_t>(key.state.min_pin_length)));
  if (length > longest_pin || length < key.state.min_pin_length)
    return end(Status::pin_policy_violation);  // never down but by a reset
  const bool force = parameters->boolean_at(3).value_or(false);
  if (force && !key.pin_set()) return end(Status::pin_not_set);
  if (const Status taken = take_rps(key, *parameters); taken != Status::ok) return end(taken);
  key.state.min_pin_length = length;
  if (key.pin_set() && (force || key.state.pin_length < length)) {
    key.state.force_pin_change = true;
    key.session.token.revoke();
  }
  return end(key.save());
}

}  // namespace

Step authenticator_config(Key& key, const Value& request) {
  if (!key.profile.config) return end(Status::invalid_command);
  const auto subcommand = need_integer(request, 1);
  if (!subcommand) return end(subcommand.error());
  if (*subcommand != 0x02 && *subcommand != 0x03) return end(Status::invalid_subcommand);
  if (const Status status = authorized(key, request, static_cast<Byte>(*subcommand));
      status != Status::ok)
    return end(status);
  if (*subcommand == 0x03) return set_min_pin_length(key, request);
  key.state.always_uv = !key.state.always_uv;
  return end(key.save());
}

}  // namespace countersign::virtual_key
