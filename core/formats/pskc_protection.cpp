// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc_protection.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/crypto/aes_unwrap.h"
#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"

namespace countersign::formats {
namespace {

constexpr std::int64_t most_iterations = 10'000'000;
constexpr std::size_t longest_salt = 1024;

struct CipherName {
  std::string_view uri;
  std::size_t key_size;
  bool wrap;
};

constexpr CipherName ciphers[] = {
    {"http://www.w3.org/2001/04/xmlenc#aes128-cbc", 16, false},
    {"http://www.w3.org/2001/04/xmlenc#aes192-cbc", 24, false},
    {"http://www.w3.org/2001/04/xmlenc#aes256-cbc", 32, false},
    {"http://www.w3.org/2001/04/xmlenc#kw-aes128", 16, true},
    {"http://www.w3.org/2001/04/xmlenc#kw-aes192", 24, true},
    {"http://www.w3.org/2001/04/xmlenc#kw-aes256", 32, true},
};

struct MacName {
  std::string_view uri;
  HashAlgorithm algorithm;
};

constexpr MacName macs[] = {
    {"http://www.w3.org/2000/09/xmldsig#hmac-sha1", HashAlgorithm::sha1},
    {"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", HashAlgorithm::sha256},
    {"http://www.w3.org/2001/04/xmldsig-more#hmac-sha512", HashAlgorithm::sha512},
};

// What PRF is named (RFC 8018 by URI of its OID, or as some vendors do by that of the MAC).
std::optional<HashAlgorithm> prf_of(std::string_view uri) {
  if (uri.empty() || uri.ends_with("#hmac-sha1") || uri.ends_with("#hmacWithSHA1") ||
      uri.ends_with("1.2.840.113549.2.7"))
    return HashAlgorithm::sha1;
  if (uri.ends_with("#hmac-sha256") || uri.ends_with("#hmacWithSHA256") ||
      uri.ends_with("1.2.840.113549.2.9"))
    return HashAlgorithm::sha256;
  if (uri.ends_with("#hmac-sha512") || uri.ends_with("#hmacWithSHA512") ||
      uri.ends_with("1.2.840.113549.2.11"))
    return HashAlgorithm::sha512;
  return std::nullopt;
}

Result<CipherName> cipher_for(std::string_view uri, const Secret& key) {
  for (const CipherName& cipher : ciphers) {
    if (cipher.uri != uri) continue;
    if (key.size() != cipher.key_size)
      return fail(Code::invalid,
                  fmt::format("the value is encrypted with {} bits of AES, but the key has {}",
                              cipher.key_size * 8, key.size() * 8));
    return cipher;
  }
  return fail(
      Code::invalid,
      fmt::format("encryption '{}' is not supported; AES-CBC and AES key wrap are", shown(uri)));
}

Result<Secret> decrypt(const CipherName& cipher, const Secret& key, BytesView value) {
  return cipher.wrap ? crypto::aes_key_unwrap(key, value) : crypto::aes_cbc_decrypt(key, value);
}

Result<Secret> derive(const PskcHead& head, const Secret& password) {
  if (!head.derivation->ends_with("#pbkdf2"))
    return fail(Code::invalid, fmt::format("key derivation '{}' is not supported; PBKDF2 is",
                                           shown(*head.derivation)));
  const auto prf = prf_of(head.prf);
  if (!prf)
    return fail(
        Code::invalid,
        fmt::format(
            "the PBKDF2 function '{}' is not supported; HMAC with SHA1, SHA256 or SHA512 is",
            shown(head.prf)));
  if (head.salt.empty() || head.salt.size() > longest_salt)
    return fail(Code::invalid, fmt::format("PBKDF2 needs a salt of 1 to {} octets", longest_salt));
  if (head.iterations < 1 || head.iterations > most_iterations)
    return fail(Code::invalid,
                fmt::format("PBKDF2 needs an iteration count of 1 to {}", most_iterations));
  if (head.key_length != 16 && head.key_length != 24 && head.key_length != 32)
    return fail(Code::invalid, "PBKDF2 needs a key length of 16, 24 or 32");
  return crypto::pbkdf2(*prf, password.expose(), head.salt,
                        static_cast<std::uint32_t>(head.iterations),
                        static_cast<std::size_t>(head.key_length));
}

Result<Secret> key_for(const PskcHead& head, const PskcKeys& keys) {
  if (!head.unsupported.empty())
    return fail(Code::invalid, fmt::format("the file is protected by {}, which is not supported; "
                                           "pre-shared AES keys and passwords are",
                                           shown(head.unsupported)));
  if (head.derivation) {
    if (keys.password.empty())
      return fail(Code::invalid, "the file is protected with a password; give it");
    return derive(head, keys.password);
  }
  if (keys.key.empty())
    return fail(Code::invalid, "the file is protected with a pre-shared key; give it");
  if (keys.key.size() != 16 && keys.key.size() != 24 && keys.key.size() != 32)
    return fail(Code::invalid, "the pre-shared key must have 16, 24 or 32 octets");
  return keys.key.copy();
}

}  // namespace

std::vector<std::string_view> pskc_ciphers() {
  std::vector<std::string_view> all;
  for (const CipherName& each : ciphers) all.push_back(each.uri);
  return all;
}

std::vector<std::string_view> pskc_macs() {
  std::vector<std::string_view> all;
  for (const MacName& each : macs) all.push_back(each.uri);
  return all;
}

Result<PskcProtection> PskcProtection::make(const PskcHead& head, const PskcKeys& keys) {
  PskcProtection protection;
  protection.protects_ = head.protects();
  if (!protection.protects_) {
    if (!keys.password.empty() || !keys.key.empty())
      return fail(Code::invalid,
                  "a password or key was given, but the file is not protected: it may have been "
                  "exchanged; import it without if "
                  "it is right");
    return protection;
  }
  auto key = TRY(key_for(head, keys));
  protection.key_ = std::move(key);
  TRY(protection.take_mac(head));
  return protection;
}

Result<void> PskcProtection::take_mac(const PskcHead& head) {
  if (!head.mac) return {};
  for (const MacName& mac : macs)
    if (mac.uri == *head.mac) mac_ = mac.algorithm;
  if (!mac_)
    return fail(Code::invalid,
                fmt::format("MAC '{}' is not supported; HMAC with SHA1, SHA256 or SHA512 is",
                            shown(*head.mac)));
  if (!head.mac_key) {  // RFC 6030 §6.1.1: then the encryption key is the MAC key
    mac_key_ = key_.copy();
    return {};
  }
  const auto cipher = cipher_for(head.mac_key->algorithm, key_);
  if (!cipher) return fail(cipher.error().code, "MACKey: " + cipher.error().what);
  auto opened = decrypt(*cipher, key_, head.mac_key->cipher);
  if (!opened || opened->empty())
    return fail(Code::corrupt,
                "the key or password is wrong, or the file was changed: its MAC key does not open");
  mac_key_ = std::move(*opened);
  return {};
}

Result<Secret> PskcProtection::open(const PskcEncrypted& value,
                                    const std::optional<Bytes>& mac) const {
  if (!protects_)
    return fail(Code::invalid, "the secret is encrypted, but the file names no EncryptionKey");
  const auto cipher = TRY(cipher_for(value.algorithm, key_));
  if (!mac_ && mac)
    return fail(Code::invalid, "the secret has a ValueMAC, but the file names no MACMethod");
  if (!mac_ && !cipher.wrap)
    return fail(Code::invalid,
                "the secret is encrypted with AES-CBC without a MAC, so changes would not be seen");
  if (mac_) {
    if (!mac)
      return fail(Code::corrupt, "the secret has no ValueMAC, though the file names a MACMethod");
    crypto::Hmac hmac(*mac_, mac_key_.expose());
    if (!equal_constant_time(hmac.of(value.cipher).view(), *mac))
      return fail(Code::corrupt,
                  "the MAC does not match: the key or password is wrong, or the value was changed");
  }
  return decrypt(cipher, key_, value.cipher);
}

}  // namespace countersign::formats
