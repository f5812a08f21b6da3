// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/openpgp/application_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/encoding/ber_tlv.h"

namespace countersign::devices::smartcard::openpgp {
namespace {

namespace tlv = formats::tlv;

constexpr std::uint32_t application_related = 0x6E, discretionary = 0x73;
constexpr Byte rsa_algorithm = 0x01, ecdsa_algorithm = 0x13, eddsa_algorithm = 0x16;
constexpr std::array<Byte, 8> prime256 = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<Byte, 5> secp384 = {0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<Byte, 9> ed25519 = {0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01};

// An object name, and behind it sometimes FF: "with public key" (§4.4.3.9).
bool names(BytesView attributes, BytesView object) {
  return attributes.size() >= object.size() && attributes.size() <= object.size() + 1 &&
         std::ranges::equal(attributes.first(object.size()), object);
}

AuthenticationKey algorithm_in(BytesView attributes) {
  AuthenticationKey key;
  if (attributes.empty()) return key;
  const BytesView rest = attributes.subspan(1);
  key.rsa = attributes[0] == rsa_algorithm;
  if (attributes[0] == ecdsa_algorithm && names(rest, prime256)) key.curve = KeyType::p256;
  if (attributes[0] == ecdsa_algorithm && names(rest, secp384)) key.curve = KeyType::p384;
  if (attributes[0] == eddsa_algorithm && names(rest, ed25519)) key.curve = KeyType::ed25519;
  return key;
}

}  // namespace

// Compact TLV (ISO 7816-4 §8.1.1.3): a category octet, items of one octet head, three octets of
// status at the end.
Historical parse_historical(BytesView octets) {
  Historical found;
  if (octets.size() < 4 || octets[0] != 0x00) return found;
  BytesView rest = octets.subspan(1, octets.size() - 4);
  while (!rest.empty()) {
    const unsigned tag = rest[0] >> 4U, length = rest[0] & 0x0FU;
    if (length >= rest.size()) break;
    const BytesView value = rest.subspan(1, length);
    if (tag == 7 && length == 3) {  // card capabilities
      found.command_chaining = (value[2] & 0x80U) != 0;
      found.extended_length = (value[2] & 0x40U) != 0;
    }
    rest = rest.subspan(1 + length);
  }
  const Byte status = octets[octets.size() - 3];
  found.life_cycle = status == 0x03 || status == 0x05;
  return found;
}

Result<ApplicationData> parse_application_data(BytesView response) {
  const auto inside = tlv::find(response, application_related);
  if (!inside) return fail(Code::corrupt, "the application related data is missing");
  ApplicationData data;
  const auto name = tlv::find(*inside, 0x4F);
  if (!name || name->size() != 16)
    return fail(Code::corrupt, "the application identifier is not one of an OpenPGP card");
  data.application.assign(name->begin(), name->end());
  data.version = fmt::format("{}.{}", (*name)[6], (*name)[7]);
  data.serial = fmt::format("{:02X}{:02X}:{:02X}{:02X}{:02X}{:02X}", (*name)[8], (*name)[9],
                            (*name)[10], (*name)[11], (*name)[12], (*name)[13]);
  const BytesView more = tlv::find(*inside, discretionary).value_or(*inside);
  const auto pins = tlv::find(more, 0xC4);
  if (!pins || pins->size() < 7) return fail(Code::corrupt, "the PINs' state is missing");
  data.pins = {.user = (*pins)[4],
               .resetting_code = (*pins)[5],
               .admin = (*pins)[6],
               .longest_user_pin = (*pins)[1] & 0x7F};
  if (const auto attributes = tlv::find(more, 0xC3))
    data.authentication = algorithm_in(*attributes);
  if (const auto touch = tlv::find(more, 0xD8); touch && !touch->empty())
    data.touch = (*touch)[0] != 0;
  if (const auto historical = tlv::find(*inside, 0x5F52))
    data.historical = parse_historical(*historical);
  return data;
}

Result<Bytes> parse_public_key(BytesView response, const AuthenticationKey& key) {
  const auto inside = tlv::find(response, 0x7F49);
  if (!inside) return fail(Code::corrupt, "the public key is missing");
  if (key.rsa) {
    const auto modulus = tlv::find(*inside, 0x81), exponent = tlv::find(*inside, 0x82);
    if (!modulus || !exponent || modulus->empty() || exponent->empty())
      return fail(Code::corrupt, "the public key lacks a number");
    return rsa_key_info(*modulus, *exponent);
  }
  const auto point = tlv::find(*inside, 0x86);
  if (!key.curve)
    return fail(Code::not_found, "the authentication key's algorithm is not supported");
  if (!point || point->empty()) return fail(Code::corrupt, "the public key lacks its point");
  return curve_key_info(*key.curve, *point);
}

}  // namespace countersign::devices::smartcard::openpgp
