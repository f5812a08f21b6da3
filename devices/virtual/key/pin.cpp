// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/pin.h"

#include <algorithm>

#include "core/crypto/hash.h"

namespace countersign::virtual_key {
namespace {

constexpr int most_wrong_in_a_row = 3;
constexpr std::size_t padded_size = 64;  // §6.5.5.5: so that the length does not show
constexpr std::size_t hash_size = 16;

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<Byte>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace

bool pin_needs_power_cycle(const Key& key) { return key.session.wrong_pins >= most_wrong_in_a_row; }

Status check_pin(Key& key, const SharedSecret& shared, BytesView encrypted_hash) {
  if (!key.pin_set()) return Status::pin_not_set;
  if (key.state.pin_retries == 0) return Status::pin_blocked;
  if (pin_needs_power_cycle(key)) return Status::pin_auth_blocked;
  --key.state.pin_retries;
  if (const Status saved = key.save(); saved != Status::ok) return saved;
  const auto hash = shared.decrypt(encrypted_hash);
  if (!hash || !equal_constant_time(hash->expose(), key.state.pin_hash.expose())) {
    key.session.agreement.regenerate();
    ++key.session.wrong_pins;
    if (key.state.pin_retries == 0) return Status::pin_blocked;
    return pin_needs_power_cycle(key) ? Status::pin_auth_blocked : Status::pin_invalid;
  }
  key.session.wrong_pins = 0;
  key.state.pin_retries = most_pin_retries;
  key.state.uv_retries = most_uv_retries;
  return key.save();
}

Status take_new_pin(Key& key, const SharedSecret& shared, BytesView encrypted) {
  const auto padded = shared.decrypt(encrypted);
  if (!padded || padded->size() != padded_size) return Status::invalid_parameter;
  std::string_view pin = padded->expose_text();
  pin = pin.substr(0, pin.find_last_not_of('\0') + 1);
  return store_pin(key, pin);
}

Status store_pin(Key& key, std::string_view pin) {
  const std::size_t length = code_points(pin);
  if (length < key.state.min_pin_length || pin.size() >= padded_size)
    return Status::pin_policy_violation;
  const crypto::Sha256 digest = crypto::sha256(as_bytes(pin));
  const BytesView hash = BytesView(digest).first(hash_size);
  if (key.state.force_pin_change && equal_constant_time(hash, key.state.pin_hash.expose()))
    return Status::pin_policy_violation;
  key.state.pin_hash = Secret(hash);
  key.state.pin_length = length;
  key.state.pin_retries = most_pin_retries;
  key.state.force_pin_change = false;
  key.session.wrong_pins = 0;
  key.session.token.revoke();
  return key.save();
}

}  // namespace countersign::virtual_key
