// SPDX-License-Identifier: Apache-2.0
// Keys are made, read and used (§7.2.9 to §7.2.14).
#include <algorithm>

#include "devices/virtual/card/openpgp/applet.h"

namespace countersign::virtual_card::openpgp {
namespace {

// PKCS #1 v1.5 (RFC 8017 §8.2.1): the card pads, the host brings the DigestInfo.
std::optional<Bytes> rsa_signature(const CardKey& key, BytesView digest_info) {
  const std::size_t size = size_of(key.type());
  if (digest_info.empty() || digest_info.size() > size * 2 / 5)
    return std::nullopt;  // §7.2.10: at most 40 % of the modulus
  Bytes block(size, 0xff);
  block[0] = 0x00;
  block[1] = 0x01;
  block[size - digest_info.size() - 1] = 0x00;
  std::ranges::copy(digest_info, block.end() - static_cast<std::ptrdiff_t>(digest_info.size()));
  return key.rsa(block);
}

// r || s, each as long as the field's elements.
std::optional<Bytes> plain_signature(const CardKey& key, BytesView digest) {
  const auto der = key.ecdsa(digest);
  const auto numbers = der ? tlv::read_inside(*der, 0x30) : std::nullopt;
  if (!numbers || numbers->size() != 2) return std::nullopt;
  const std::size_t size = size_of(key.type());
  Bytes out;
  for (const tlv::Item& number : *numbers) {
    const BytesView value = number.value.size() > size ? number.value.last(size) : number.value;
    out.insert(out.end(), size - value.size(), Byte{0});
    tlv::append(out, value);
  }
  return out;
}

std::optional<Bytes> signature(const CardKey& key, BytesView input) {
  if (is_rsa(key.type())) return rsa_signature(key, input);
  return key.type() == KeyType::ed25519 ? key.eddsa(input) : plain_signature(key, input);
}

// What is left of a block of RFC 8017 §7.2.2 without its padding.
std::optional<Bytes> unpadded(const std::optional<Bytes>& block) {
  if (!block || block->size() < 11 || (*block)[0] != 0 || (*block)[1] != 2) return std::nullopt;
  const auto end = std::ranges::find(block->begin() + 2, block->end(), Byte{0});
  if (end == block->end() || end - block->begin() < 10) return std::nullopt;
  return Bytes(end + 1, block->end());
}

// RSA: a zero octet and the cryptogram. Curves: A6 with 7F49 with 86, the other's point.
std::optional<Bytes> deciphered(const CardKey& key, BytesView input) {
  if (is_rsa(key.type()))
    return input.empty() || input[0] != 0 ? std::nullopt : unpadded(key.rsa(input.subspan(1)));
  const auto outer = tlv::read_inside(input, 0xa6);
  const auto public_key = outer ? tlv::find(*outer, 0x7f49) : std::nullopt;
  const auto items = public_key ? tlv::read(*public_key) : std::nullopt;
  const auto point = items ? tlv::find(*items, 0x86) : std::nullopt;
  if (!point) return std::nullopt;
  const bool prefixed = key.type() == KeyType::x25519 && point->size() == 33 && (*point)[0] == 0x40;
  return key.agree(prefixed ? point->subspan(1) : *point);
}

std::optional<Role> role_of(BytesView control_reference) {
  if (control_reference.empty()) return std::nullopt;
  switch (control_reference[0]) {
    case 0xb6:
      return Role::signature;
    case 0xb8:
      return Role::decryption;
    case 0xa4:
      return Role::authentication;
    default:
      return std::nullopt;
  }
}

Response public_key(const CardKey& key) {
  if (!is_rsa(key.type())) return tlv::item(0x7f49, tlv::item(0x86, key.point()));
  return tlv::item(0x7f49,
                   tlv::join({tlv::item(0x81, key.modulus()), tlv::item(0x82, key.exponent())}));
}

}  // namespace

// GENERATE ASYMMETRIC KEY PAIR: P1 = 80 makes one, 81 reads the public key of the one that is
// there.
Response OpenPgpApplet::key_pair(const Command& command) {
  const auto role = role_of(command.data);
  if (command.p2 != 0 || (command.p1 != 0x80 && command.p1 != 0x81))
    return StatusWord::wrong_parameters;
  if (!role) return StatusWord::wrong_data;
  Slot& used = slot(*role);
  if (command.p1 == 0x81)
    return used.key ? public_key(*used.key) : Response(StatusWord::no_reference);
  if (!session_.admin) return StatusWord::security_status;
  used.key = CardKey::generate(used.type);
  if (*role == Role::signature) state_.signatures = 0;
  changed();
  return public_key(*used.key);
}

// PERFORM SECURITY OPERATION: COMPUTE DIGITAL SIGNATURE and DECIPHER.
Response OpenPgpApplet::security_operation(const Command& command) {
  const bool signs = command.parameters() == 0x9e9a;
  if (!signs && command.parameters() != 0x8086) return StatusWord::wrong_parameters;
  if (!(signs ? session_.signing : session_.others)) return StatusWord::security_status;
  const Slot& used = slot(signs ? Role::signature : Role::decryption);
  if (!used.key) return StatusWord::no_reference;
  const auto result =
      signs ? signature(*used.key, command.data) : deciphered(*used.key, command.data);
  if (!result) return StatusWord::wrong_data;
  if (signs) {
    state_.signatures = (state_.signatures + 1) & 0xffffffU;
    changed();
    if (!state_.user_pin_for_several) session_.signing = false;
  }
  return *result;
}

Response OpenPgpApplet::internal_authenticate(const Command& command) {
  if (command.parameters() != 0) return StatusWord::wrong_parameters;
  if (!session_.others) return StatusWord::security_status;
  const Slot& used = slot(Role::authentication);
  if (!used.key) return StatusWord::no_reference;
  const auto result = signature(*used.key, command.data);
  if (!result) return StatusWord::wrong_data;
  return *result;
}

}  // namespace countersign::virtual_card::openpgp
