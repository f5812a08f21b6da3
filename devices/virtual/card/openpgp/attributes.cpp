// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/openpgp/attributes.h"

#include <algorithm>
#include <utility>

namespace countersign::virtual_card::openpgp {
namespace {

constexpr Byte rsa_algorithm = 0x01, ecdh_algorithm = 0x12, ecdsa_algorithm = 0x13,
               eddsa_algorithm = 0x16;  // RFC 4880bis

Bytes with_curve(Byte algorithm, std::initializer_list<Byte> oid) {
  Bytes out{algorithm};
  out.insert(out.end(), oid);
  return out;
}

}  // namespace

std::vector<KeyType> types_of(Role role) {
  std::vector<KeyType> types{KeyType::rsa2048, KeyType::rsa3072, KeyType::rsa4096, KeyType::p256,
                             KeyType::p384};
  types.push_back(role == Role::decryption ? KeyType::x25519 : KeyType::ed25519);
  return types;
}

// RSA: bits of the modulus and of the exponent, import as e, p, q.
Bytes attributes(Role role, KeyType type) {
  const Byte curve = role == Role::decryption ? ecdh_algorithm : ecdsa_algorithm;
  switch (type) {
    case KeyType::rsa1024:
    case KeyType::rsa2048:
    case KeyType::rsa3072:
    case KeyType::rsa4096: {
      const std::size_t bits = size_of(type) * 8;
      return {
          rsa_algorithm, static_cast<Byte>(bits >> 8U), static_cast<Byte>(bits & 0xffU), 0x00, 0x11,
          0x00};
    }
    case KeyType::p256:
      return with_curve(curve, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07});
    case KeyType::p384:
      return with_curve(curve, {0x2b, 0x81, 0x04, 0x00, 0x22});
    case KeyType::ed25519:
      return with_curve(eddsa_algorithm, {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01});
    case KeyType::x25519:
      return with_curve(ecdh_algorithm,
                        {0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01});
  }
  std::unreachable();
}

// An RSA exponent may be named as 17 or 32 bits, and the last octet may be missing; a curve may
// have one octet more.
std::optional<KeyType> type_from(Role role, BytesView given) {
  for (const KeyType type : types_of(role)) {
    const Bytes own = attributes(role, type);
    const std::size_t matter = is_rsa(type) ? 3 : own.size();
    if (given.size() >= matter && given.size() <= own.size() + 1 &&
        std::ranges::equal(given.first(matter), BytesView(own).first(matter)))
      return type;
  }
  return std::nullopt;
}

}  // namespace countersign::virtual_card::openpgp
