// SPDX-License-Identifier: Apache-2.0
// What the PIV application remembers (SP 800-73-4 Part 1 §3, and YubiKey's extensions).
#pragma once

#include <cstdint>
#include <map>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/encoding/cbor.h"
#include "devices/virtual/card/base/key.h"
#include "devices/virtual/card/base/reference.h"

namespace countersign::virtual_card::piv {

// YubiKey's numbers, as GENERATE, IMPORT and metadata have them.
enum class PinPolicy : Byte { never = 1, once = 2, always = 3 };
enum class TouchPolicy : Byte { never = 1, always = 2, cached = 3 };

struct SlotKey {
  CardKey key;
  PinPolicy pin = PinPolicy::once;
  TouchPolicy touch = TouchPolicy::never;
  bool generated = true;  // here, and not imported: only then it can be attested
};

// Block ciphers of the management key (SP 800-78-4 table 6-2).
enum class Cipher : Byte { triple_des = 0x03, aes128 = 0x08, aes192 = 0x0a, aes256 = 0x0c };

struct ManagementKey {
  Cipher cipher = Cipher::triple_des;
  Secret key;
  bool touch = false;
  bool factory = true;
};

// Key references of VERIFY and CHANGE REFERENCE DATA (SP 800-73-5 part 1 table 4b).
constexpr Byte pin_reference = 0x80, puk_reference = 0x81;

namespace slot {
constexpr Byte authentication = 0x9a, management_key = 0x9b, signature = 0x9c,
               key_management = 0x9d, card_authentication = 0x9e, attestation = 0xf9;
constexpr Byte first_retired = 0x82, last_retired = 0x95;
}  // namespace slot

// Whether a key can be made or imported there.
[[nodiscard]] constexpr bool is_slot(Byte number) {
  return number == slot::authentication ||
         (number >= slot::signature && number <= slot::card_authentication) ||
         number == slot::attestation ||
         (number >= slot::first_retired && number <= slot::last_retired);
}

namespace object {
constexpr std::uint32_t discovery = 0x7e, biometric_templates = 0x7f61;
constexpr std::uint32_t card_authentication = 0x5fc101, chuid = 0x5fc102, fingerprints = 0x5fc103,
                        authentication = 0x5fc105, security = 0x5fc106, capabilities = 0x5fc107,
                        face = 0x5fc108, printed = 0x5fc109, signature = 0x5fc10a,
                        key_management = 0x5fc10b, key_history = 0x5fc10c, iris = 0x5fc121,
                        last = 0x5fc123;
constexpr std::uint32_t yubico_admin = 0x5fff00, attestation = 0x5fff01, last_yubico = 0x5fff10;
}  // namespace object

constexpr std::size_t pin_size = 8;  // octets on the wire, filled up with FF
constexpr std::size_t largest_object = 3072;

struct State {
  std::map<Byte, SlotKey> slots;
  std::map<std::uint32_t, Bytes> objects;  // what stands within tag 53
  Reference pin, puk;
  ManagementKey management;
  Bytes attestation_root;  // DER. Its private key was dropped after signing the certificate in F9
};

// 123456, 12345678 and 0102...08 three times, as YubiKeys leave the factory; a key and certificate
// in F9 for attestation. The management key is one for 3DES, as until firmware 5.7, because
// programs of that time know no other.
[[nodiscard]] State new_state(std::uint32_t serial);
// The PIN and the PUK as from the factory.
void factory_references(State& state);
// As after YubiKey's RESET: all but F9 is as from the factory.
void reset(State& state);
[[nodiscard]] std::size_t key_size(Cipher cipher);

[[nodiscard]] formats::cbor::Value to_cbor(const State& state);
[[nodiscard]] Result<State> state_from(
    const formats::cbor::Value& value);  // corrupt: not such a state

}  // namespace countersign::virtual_card::piv
