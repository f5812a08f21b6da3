// SPDX-License-Identifier: Apache-2.0
// Opens the secrets of a PSKC file as its head says (RFC 6030 §6).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/authenticator.h"
#include "core/formats/pskc.h"
#include "core/formats/pskc_head.h"

namespace countersign::formats {

// What a file may be protected with, by the URIs that name it. Tests try each in the sandbox.
[[nodiscard]] std::vector<std::string_view> pskc_ciphers();
[[nodiscard]] std::vector<std::string_view> pskc_macs();

class PskcProtection {
 public:
  // Derives and opens the keys that the head asks for. Fails for the whole file.
  [[nodiscard]] static Result<PskcProtection> make(const PskcHead& head, const PskcKeys& keys);

  // Checks the MAC, and only then decrypts. AES-CBC without a MAC is refused (RFC 6030 §6: MUST).
  [[nodiscard]] Result<Secret> open(const PskcEncrypted& value,
                                    const std::optional<Bytes>& mac) const;

  [[nodiscard]] bool protects() const { return protects_; }

 private:
  [[nodiscard]] Result<void> take_mac(const PskcHead& head);

  bool protects_ = false;
  Secret key_;
  std::optional<HashAlgorithm> mac_;
  Secret mac_key_;
};

}  // namespace countersign::formats
