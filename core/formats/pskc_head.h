// SPDX-License-Identifier: Apache-2.0
// The head of a PSKC file: how its secrets are protected (RFC 6030 §6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/encoding/xml_stream.h"

namespace countersign::formats {

// What a message says of the file's words.
[[nodiscard]] inline std::string shown(std::string_view text) {
  return escape_text(text.substr(0, 128));
}

struct PskcEncrypted {
  std::string algorithm;  // URI of xenc:EncryptionMethod
  Bytes cipher;
};

struct PskcHead {
  bool encryption_key = false;  // EncryptionKey is there
  std::string unsupported;      // an EncryptionKey of a kind that can't be used, by its element
  std::optional<std::string> derivation;  // URI of KeyDerivationMethod
  Bytes salt;
  std::int64_t iterations = 0;
  std::int64_t key_length = 0;
  std::string prf;                 // URI; empty: HMAC-SHA1
  std::optional<std::string> mac;  // URI of MACMethod
  std::optional<PskcEncrypted> mac_key;

  [[nodiscard]] bool protects() const { return encryption_key || mac.has_value(); }

  // Take the element at a path of local names below KeyContainer ("/MACMethod/MACKey"); what says
  // nothing about protection is passed over. What is malformed makes the whole file unusable.
  [[nodiscard]] Result<void> start(std::string_view path, std::span<const XmlAttribute> attributes);
  [[nodiscard]] Result<void> text(std::string_view path, std::string_view text);
  [[nodiscard]] static bool wants_text(std::string_view path);
};

}  // namespace countersign::formats
