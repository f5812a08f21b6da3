// SPDX-License-Identifier: Apache-2.0
// What the OpenPGP application remembers (OpenPGP smart card application 3.4, §4.4).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/encoding/cbor.h"
#include "devices/virtual/card/base/key.h"
#include "devices/virtual/card/base/reference.h"

namespace countersign::virtual_card::openpgp {

enum class Role : Byte { signature = 0, decryption = 1, authentication = 2 };
inline constexpr std::size_t roles = 3;

// User interaction flag (§4.4.3.6).
enum class Touch : Byte { off = 0, on = 1, permanent = 2 };

constexpr std::size_t fingerprint_size = 20, time_size = 4;

struct Slot {
  KeyType type = KeyType::rsa2048;  // what the algorithm attributes say
  std::optional<CardKey> key;
  Bytes fingerprint = Bytes(fingerprint_size);  // as the host says
  Bytes ca_fingerprint = Bytes(fingerprint_size);
  Bytes made_at = Bytes(time_size);
  Touch touch = Touch::off;
};

struct State {
  std::array<Slot, roles> slots;
  std::map<std::uint32_t, Bytes> objects;  // name, URL, login data, certificate, private objects
  Reference user, resetting_code, admin;   // PW1, RC, PW3
  bool user_pin_for_several = false;       // one VERIFY serves for more than one signature
  std::uint32_t signatures = 0;
  bool terminated = false;
};

constexpr std::size_t shortest_user_pin = 6, shortest_admin_pin = 8, longest_pin = 127;
constexpr std::size_t largest_object = 2048;

[[nodiscard]] State new_state();  // PW1 123456, PW3 12345678, no resetting code

[[nodiscard]] formats::cbor::Value to_cbor(const State& state);
[[nodiscard]] Result<State> state_from(
    const formats::cbor::Value& value);  // corrupt: not such a state

}  // namespace countersign::virtual_card::openpgp
