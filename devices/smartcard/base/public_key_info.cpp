// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/public_key_info.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/crypto/hash.h"
#include "core/encoding/ber_tlv.h"
#include "core/encoding/der.h"

namespace countersign::devices::smartcard {
namespace {

namespace der = formats::der;
namespace tlv = formats::tlv;

constexpr std::uint32_t integer = 0x02, bit_string = 0x03, null = 0x05, object = 0x06,
                        sequence = 0x30;
constexpr std::size_t longest_certificate = 16 * 1024;

constexpr std::array<Byte, 9> rsa_encryption = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                0x0D, 0x01, 0x01, 0x01};
constexpr std::array<Byte, 7> ec_public_key = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<Byte, 8> prime256 = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<Byte, 5> secp384 = {0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<Byte, 3> ed25519 = {0x2B, 0x65, 0x70};
// DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2, note 1).
constexpr std::array<Byte, 19> sha256_info = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60,
                                              0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                              0x01, 0x05, 0x00, 0x04, 0x20};

bool equal(BytesView a, BytesView b) { return std::ranges::equal(a, b); }

Bytes joined(std::initializer_list<BytesView> parts) {
  Bytes all;
  for (const BytesView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// An INTEGER of a positive number.
Bytes number(BytesView octets) {
  while (octets.size() > 1 && octets[0] == 0) octets = octets.subspan(1);
  Bytes content;
  if (octets.empty() || octets[0] >= 0x80) content.push_back(0);
  content.insert(content.end(), octets.begin(), octets.end());
  return tlv::make(integer, content);
}

Bytes key_info(BytesView algorithm, BytesView key) {
  Bytes bits = {0};
  bits.insert(bits.end(), key.begin(), key.end());
  return tlv::make(sequence, joined({tlv::make(sequence, algorithm), tlv::make(bit_string, bits)}));
}

std::optional<KeyType> rsa_of(BytesView key) {
  const auto numbers = der::read_inside(key);
  if (!numbers || numbers->size() != 2 || !(*numbers)[0].is(der::integer)) return std::nullopt;
  BytesView modulus = (*numbers)[0].content;
  if (!modulus.empty() && modulus[0] == 0) modulus = modulus.subspan(1);
  if (modulus.empty() || modulus[0] < 0x80) return std::nullopt;
  switch (modulus.size()) {
    case 256:
      return KeyType::rsa2048;
    case 384:
      return KeyType::rsa3072;
    case 512:
      return KeyType::rsa4096;
    default:
      return std::nullopt;
  }
}

std::size_t modulus_size(KeyType type) {
  switch (type) {
    case KeyType::rsa2048:
      return 256;
    case KeyType::rsa3072:
      return 384;
    case KeyType::rsa4096:
      return 512;
    case KeyType::p256:
    case KeyType::p384:
    case KeyType::ed25519:
      return 0;
  }
  std::unreachable();
}

Bytes digest(crypto::Sha2 algorithm, BytesView message) {
  return crypto::sha2(algorithm, {message});
}

}  // namespace

std::string_view name_of(KeyType type) {
  switch (type) {
    case KeyType::rsa2048:
      return "RSA-2048";
    case KeyType::rsa3072:
      return "RSA-3072";
    case KeyType::rsa4096:
      return "RSA-4096";
    case KeyType::p256:
      return "P-256";
    case KeyType::p384:
      return "P-384";
    case KeyType::ed25519:
      return "Ed25519";
  }
  std::unreachable();
}

// Certificate { tbsCertificate { [0] version, serial, signature, issuer, validity, subject,
// subjectPublicKeyInfo, ... }, ... }
Result<Bytes> key_info_of(BytesView certificate) {
  if (certificate.size() > longest_certificate)
    return fail(Code::corrupt, "the certificate is too long");
  const auto outer = TRY(der::read_inside(certificate));
  if (outer.size() != 3 || !(outer)[0].is(der::sequence))
    return fail(Code::corrupt, "this is not a certificate");
  const auto fields = TRY(der::read((outer)[0].content));
  const std::size_t at = !fields.empty() && fields.front().is_context(0) ? 6 : 5;
  if (fields.size() <= at || !(fields)[at].is(der::sequence))
    return fail(Code::corrupt, "the certificate has no key");
  return tlv::make(sequence, (fields)[at].content);
}

std::optional<KeyType> type_of(BytesView key_info) {
  const auto parts = der::read_inside(key_info);
  if (!parts || parts->size() != 2 || !(*parts)[0].is(der::sequence) ||
      !(*parts)[1].is(der::bit_string))
    return std::nullopt;
  const auto algorithm = der::read((*parts)[0].content);
  BytesView key = (*parts)[1].content;
  if (!algorithm || algorithm->empty() || algorithm->size() > 2 || key.empty() || key[0] != 0)
    return std::nullopt;
  key = key.subspan(1);
  const BytesView name = (*algorithm)[0].content;
  if (equal(name, rsa_encryption)) return rsa_of(key);
  if (equal(name, ed25519) && key.size() == 32) return KeyType::ed25519;
  if (!equal(name, ec_public_key) || algorithm->size() != 2 || key.empty() || key[0] != 4)
    return std::nullopt;
  if (equal((*algorithm)[1].content, prime256) && key.size() == 65) return KeyType::p256;
  if (equal((*algorithm)[1].content, secp384) && key.size() == 97) return KeyType::p384;
  return std::nullopt;
}

Bytes handle_of(BytesView key_info) {
  const crypto::Sha256 hash = crypto::sha256(key_info);
  return {hash.begin(), hash.end()};
}

Bytes rsa_key_info(BytesView modulus, BytesView exponent) {
  return key_info(joined({tlv::make(object, rsa_encryption), tlv::make(null, {})}),
                  tlv::make(sequence, joined({number(modulus), number(exponent)})));
}

Bytes curve_key_info(KeyType type, BytesView point) {
  if (type == KeyType::ed25519) return key_info(tlv::make(object, ed25519), point);
  const Bytes curve =
      type == KeyType::p384 ? tlv::make(object, secp384) : tlv::make(object, prime256);
  return key_info(joined({tlv::make(object, ec_public_key), curve}), point);
}

Bytes to_sign(KeyType type, BytesView message) {
  switch (type) {
    case KeyType::rsa2048:
    case KeyType::rsa3072:
    case KeyType::rsa4096:
      return joined({sha256_info, digest(crypto::Sha2::sha256, message)});
    case KeyType::p256:
      return digest(crypto::Sha2::sha256, message);
    case KeyType::p384:
      return digest(crypto::Sha2::sha384, message);
    case KeyType::ed25519:
      return {message.begin(), message.end()};
  }
  std::unreachable();
}

// 00 01 FF … FF 00 DigestInfo (RFC 8017 §9.2).
Bytes to_sign_padded(KeyType type, BytesView message) {
  const Bytes info = to_sign(type, message);
  const std::size_t size = modulus_size(type);
  if (size == 0) return info;
  Bytes block(size, 0xFF);
  block[0] = 0;
  block[1] = 1;
  block[size - info.size() - 1] = 0;
  std::ranges::copy(info, block.end() - static_cast<std::ptrdiff_t>(info.size()));
  return block;
}

}  // namespace countersign::devices::smartcard
