// SPDX-License-Identifier: Apache-2.0
// What the key remembers without power.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/hash.h"
#include "core/encoding/cbor.h"
#include "devices/virtual/key/attestation.h"
#include "devices/virtual/key/private_key.h"

namespace countersign::virtual_key {

// credProtect (CTAP 2.1 §12.1).
enum class Protection : int { optional = 1, optional_with_id_list = 2, required = 3 };

struct User {
  Bytes id;
  std::optional<std::string> name;
  std::optional<std::string> display_name;
};

struct Credential {
  Bytes id;
  crypto::Sha256 rp_id_hash{};
  std::string rp_id;  // empty when U2F made it: U2F tells the hash alone
  std::optional<std::string> rp_name;
  User user;
  PrivateKey key;
  bool discoverable = false;
  Protection protection = Protection::optional;
  Secret random_with_uv;  // hmac-secret's CredRandoms, 32 octets; empty without the extension
  Secret random_without_uv;
};

struct Fingerprint {
  Bytes id;
  std::string name;
};

constexpr int most_pin_retries = 8;
constexpr int most_uv_retries = 5;
constexpr std::size_t least_pin_length = 4;
constexpr std::size_t most_discoverable = 100;
constexpr std::size_t most_other_credentials =
    1000;  // a real key has no such limit: it hides them in their ids
constexpr std::size_t most_fingerprints = 5;

struct State {
  std::string serial;  // 16 hexadecimal digits
  Attestation attestation;
  std::uint32_t counter = 100;  // global; §6.1.2 lets it begin anywhere
  Secret pin_hash;              // LEFT(SHA-256(PIN), 16); empty: not set
  std::size_t pin_length = 0;   // in code points
  int pin_retries = most_pin_retries;
  int uv_retries = most_uv_retries;
  bool always_uv = false;
  std::size_t min_pin_length = least_pin_length;
  bool force_pin_change = false;
  std::vector<std::string> min_pin_length_rps;
  std::vector<Credential> credentials;  // oldest first
  std::vector<Fingerprint> fingerprints;
};

// As it comes from the factory: with one fingerprint, so that keys with a sensor verify their user
// at once. A reset erases it.
[[nodiscard]] State new_state();
// authenticatorReset (CTAP 2.1 §6.6): everything but who it is.
void reset(State& state);

// The state as the file has it, and back. corrupt: not such a state.
[[nodiscard]] formats::cbor::Value to_cbor(const State& state);
[[nodiscard]] Result<State> state_from(const formats::cbor::Value& value);

}  // namespace countersign::virtual_key
