// SPDX-License-Identifier: Apache-2.0
// How a PSKC file protects its secrets (RFC 6030 §6), as its head says; and opening one.
#pragma once

#include <optional>
#include <string>

#include "core/authenticator.h"
#include "core/formats/pskc.h"

namespace countersign::formats {

struct PskcEncrypted {
  std::string algorithm;  // URI of xenc:EncryptionMethod
  Bytes cipher;

  bool operator==(const PskcEncrypted&) const = default;
};

// The head of the file: EncryptionKey and MACMethod.
struct PskcHead {
  bool encryption_key = false;            // EncryptionKey is there
  std::string unsupported;                // an EncryptionKey of a kind that can't be used, by its element
  std::optional<std::string> derivation;  // URI of KeyDerivationMethod
  Bytes salt;
  std::int64_t iterations = 0;
  std::int64_t key_length = 0;
  std::string prf;                 // URI; empty: HMAC-SHA1
  std::optional<std::string> mac;  // URI of MACMethod
  std::optional<PskcEncrypted> mac_key;

  [[nodiscard]] bool protects() const { return encryption_key || mac.has_value(); }
};

class PskcProtection {
 public:
  // Derives and opens the keys that the head asks for. Fails for the whole file.
  [[nodiscard]] static Result<PskcProtection> make(const PskcHead& head, const PskcKeys& keys);

  // Checks the MAC, and only then decrypts. AES-CBC without a MAC is refused (RFC 6030 §6: MUST).
  [[nodiscard]] Result<Secret> open(const PskcEncrypted& value, const std::optional<Bytes>& mac) const;

  [[nodiscard]] bool protects() const { return protects_; }

 private:
  [[nodiscard]] Result<void> take_mac(const PskcHead& head);

  bool protects_ = false;
  Secret key_;
  std::optional<HashAlgorithm> mac_;
  Secret mac_key_;
};

}  // namespace countersign::formats
