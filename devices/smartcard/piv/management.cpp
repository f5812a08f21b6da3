// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/piv/management.h"

#include <algorithm>
#include <utility>

#include "core/encoding/ber_tlv.h"
#include "devices/smartcard/piv/applet.h"
#include "devices/smartcard/piv/objects.h"

namespace countersign::devices::smartcard::piv {
namespace {

namespace tlv = formats::tlv;
using crypto::BlockCipher;

constexpr Byte management_key = 0x9B;
constexpr std::uint32_t dynamic_template = 0x7C, witness = 0x80, challenge = 0x81, response = 0x82;
constexpr std::uint32_t pin_policy = 0xAA, touch_policy = 0xAB;

Byte number_of(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::triple_des:
      return 0x03;
    case BlockCipher::aes128:
      return 0x08;
    case BlockCipher::aes192:
      return 0x0A;
    case BlockCipher::aes256:
      return 0x0C;
  }
  std::unreachable();
}

std::optional<BlockCipher> cipher_of(Byte number) {
  for (const BlockCipher each :
       {BlockCipher::triple_des, BlockCipher::aes128, BlockCipher::aes192, BlockCipher::aes256})
    if (number_of(each) == number) return each;
  return std::nullopt;
}

// The public key of an answer to GENERATE (Part 2 table 11); empty: there is none of this type in
// it.
Bytes key_info(KeyType type, BytesView answer) {
  const bool rsa = type == KeyType::rsa2048 || type == KeyType::rsa3072 || type == KeyType::rsa4096;
  if (!rsa) {
    const auto point = tlv::find(answer, {0x7F49, 0x86});
    return point ? curve_key_info(type, *point) : Bytes();
  }
  const auto modulus = tlv::find(answer, {0x7F49, 0x81}),
             exponent = tlv::find(answer, {0x7F49, 0x82});
  return modulus && exponent ? rsa_key_info(*modulus, *exponent) : Bytes();
}

}  // namespace

Byte algorithm_of(KeyType type) {
  switch (type) {
    case KeyType::rsa2048:
      return 0x07;
    case KeyType::rsa3072:
      return 0x05;
    case KeyType::rsa4096:
      return 0x16;
    case KeyType::p256:
      return 0x11;
    case KeyType::p384:
      return 0x14;
    case KeyType::ed25519:
      return 0xE0;
  }
  std::unreachable();
}

std::optional<KeyType> type_named(std::string_view name) {
  for (const KeyType each : {KeyType::rsa2048, KeyType::rsa3072, KeyType::rsa4096, KeyType::p256,
                             KeyType::p384, KeyType::ed25519})
    if (smartcard::name_of(each) == name) return each;
  return std::nullopt;
}

Bytes certificate_object(BytesView certificate) {
  Bytes object = tlv::make(0x70, certificate);
  tlv::append(object, 0x71, Bytes{0x00});
  tlv::append(object, 0xFE, {});
  return object;
}

std::expected<Status, Loss> Management::authenticate(BlockCipher cipher, const Secret& key,
                                                     BytesView random) {
  const Bytes first = tlv::make(dynamic_template, tlv::make(witness, {}));
  const auto asked =
      TRY(apdus_.send({.ins = 0x87, .p1 = number_of(cipher), .p2 = management_key, .data = first}));
  if (!asked.status.ok()) return asked.status;
  const auto sealed = tlv::find(asked.data, {dynamic_template, witness});
  Bytes opened(crypto::block_size(cipher));
  if (!sealed || !crypto::decipher_block(cipher, key.expose(), *sealed, opened))
    return std::unexpected(Loss::malformed);
  Bytes both = tlv::make(witness, opened);
  tlv::append(both, challenge, random);
  const Bytes second = tlv::make(dynamic_template, both);
  const auto proved = TRY(
      apdus_.send({.ins = 0x87, .p1 = number_of(cipher), .p2 = management_key, .data = second}));
  if (!proved.status.ok()) return proved.status;
  const auto answer = tlv::find(proved.data, {dynamic_template, response});
  Bytes expected(crypto::block_size(cipher));
  if (!answer || !crypto::encipher_block(cipher, key.expose(), random, expected) ||
      !equal_constant_time(*answer, expected))
    return std::unexpected(Loss::malformed);  // it only said so
  return proved.status;
}

std::expected<std::optional<Management::Key>, Loss> Management::key() {
  const auto told = TRY(apdus_.send({.ins = 0xF7, .p2 = management_key}));
  if (!told.status.ok()) return std::nullopt;
  const auto algorithm = tlv::find(told.data, 0x01), factory = tlv::find(told.data, 0x05);
  const auto cipher =
      algorithm && algorithm->size() == 1 ? cipher_of((*algorithm)[0]) : std::nullopt;
  if (!cipher) return std::nullopt;
  return Key{.cipher = *cipher, .factory = factory && factory->size() == 1 && (*factory)[0] == 1};
}

std::expected<std::optional<bool>, Loss> Management::is_factory(Byte reference) {
  const auto told = TRY(apdus_.send({.ins = 0xF7, .p2 = reference}));
  const auto factory = told.status.ok() ? tlv::find(told.data, 0x05) : std::nullopt;
  if (!factory || factory->size() != 1) return std::nullopt;
  return (*factory)[0] == 1;
}

std::expected<Response, Loss> Management::generate(Byte slot, KeyType type, Policies policies) {
  Bytes wanted = tlv::make(0x80, Bytes{algorithm_of(type)});
  if (policies.pin != 0) tlv::append(wanted, pin_policy, Bytes{policies.pin});
  if (policies.touch != 0) tlv::append(wanted, touch_policy, Bytes{policies.touch});
  const Bytes data = tlv::make(0xAC, wanted);
  auto made = apdus_.send({.ins = 0x47, .p2 = slot, .data = data});
  if (!made || !made->status.ok()) return made;
  made->data = key_info(type, made->data);
  if (made->data.empty()) return std::unexpected(Loss::malformed);
  return made;
}

std::expected<Response, Loss> Management::attest(Byte slot) {
  return apdus_.send({.ins = 0xF9, .p1 = slot});
}

std::expected<Bytes, Loss> Management::attester() {
  const auto held = TRY(Applet(apdus_).object(attester_object));
  return held ? parse_certificate(*held).value_or(Bytes()) : Bytes();
}

std::expected<Status, Loss> Management::put(std::uint32_t tag, BytesView content) {
  Bytes data = tlv::make(0x5C, name_of_object(tag));
  tlv::append(data, 0x53, content);
  const auto done =
      TRY(apdus_.send({.ins = 0xDB, .p1 = 0x3F, .p2 = 0xFF, .data = data, .answers = false}));
  return done.status;
}

std::expected<Status, Loss> Management::set_key(BlockCipher cipher, const Secret& key) {
  Secret data(3 + key.size());
  const auto out = data.expose_mutable();
  out[0] = number_of(cipher);
  out[1] = management_key;
  out[2] = static_cast<Byte>(key.size());
  std::ranges::copy(key.expose(), out.begin() + 3);
  return apdus_.send_secret({.ins = 0xFF, .p1 = 0xFF, .p2 = 0xFF}, data);
}

}  // namespace countersign::devices::smartcard::piv
