// SPDX-License-Identifier: Apache-2.0
// PIN/UV auth protocols one and two (CTAP 2.1 §6.5.6, §6.5.7), the authenticator's side: key
// agreement, encryption and authentication between it and one platform.
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "core/encoding/cbor.h"
#include "devices/virtual/key/private_key.h"

namespace countersign::virtual_key {

enum class PinProtocol : int { one = 1, two = 2 };

// 1 and 2; nothing else.
[[nodiscard]] std::optional<PinProtocol> pin_protocol(std::int64_t number);

// What both sides hold after the key agreement: 32 octets, or 64 (HMAC key | AES key) in protocol
// two.
class SharedSecret {
 public:
  SharedSecret(PinProtocol protocol, Secret key) : protocol_(protocol), key_(std::move(key)) {}

  [[nodiscard]] Bytes encrypt(BytesView plain) const;  // plain: whole blocks of 16 octets
  [[nodiscard]] std::optional<Secret> decrypt(
      BytesView cipher) const;  // nothing when the length can't be
  [[nodiscard]] bool verify(BytesView message, BytesView signature) const;
  [[nodiscard]] BytesView raw() const { return key_.expose(); }  // begins with the HMAC key

 private:
  PinProtocol protocol_;
  Secret key_;
};

// verify() of either protocol under a pinUvAuthToken or an HMAC key.
[[nodiscard]] bool pin_verify(PinProtocol protocol, BytesView key, BytesView message,
                              BytesView signature);

// The authenticator's key agreement key: fresh at power-up, and after a wrong PIN.
class KeyAgreement {
 public:
  KeyAgreement() : key_(PrivateKey::generate(Algorithm::es256)) {}
  void regenerate() { key_ = PrivateKey::generate(Algorithm::es256); }

  [[nodiscard]] formats::cbor::Value cose_public() const;  // with alg -25, as §6.5.6 has it
  // decapsulate(): with the platform's COSE key; nothing when that is no point on P-256.
  [[nodiscard]] std::optional<SharedSecret> decapsulate(PinProtocol protocol,
                                                        const formats::cbor::Value& peer) const;

 private:
  PrivateKey key_;
};

}  // namespace countersign::virtual_key
