// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc_head.h"

#include <limits>

#include "core/encoding/base64.h"
#include "core/formats/token_record.h"

namespace countersign::formats {
namespace {

using Attributes = std::span<const XmlAttribute>;

struct Place {
  std::string_view path;
  Result<void> (*start)(PskcHead&, Attributes);
  Result<void> (*text)(PskcHead&, std::string_view);
};

template <class T>
Result<void> put(T& target, Result<T> value) {
  if (!value) return std::unexpected(value.error());
  target = std::move(*value);
  return {};
}

Result<Bytes> octets(std::string_view field, std::string_view text) {
  const auto decoded = base64_decode(text);
  if (!decoded) return fail(Code::invalid, std::string(field) + ": " + decoded.error().what);
  return Bytes(decoded->expose().begin(), decoded->expose().end());
}

Result<void> start_encryption_key(PskcHead& head, Attributes) {
  if (std::exchange(head.encryption_key, true))
    return fail(Code::invalid, "the file has two EncryptionKeys");
  return {};
}

template <class T>
Result<void> put_algorithm(T& target, Attributes attributes) {
  target = find_attribute(attributes, "Algorithm");
  return {};
}

Result<void> start_mac_method(PskcHead& head, Attributes attributes) {
  if (head.mac) return fail(Code::invalid, "the file has two MACMethods");
  return put_algorithm(head.mac, attributes);
}

Result<void> start_mac_key(PskcHead& head, Attributes attributes) {
  if (head.mac_key) return fail(Code::invalid, "the file has two MAC keys");
  return put_algorithm(head.mac_key.emplace().algorithm, attributes);
}

Result<void> text_mac_key(PskcHead& head, std::string_view text) {
  if (!head.mac_key) return fail(Code::invalid, "the MAC key has no EncryptionMethod");
  return put(head.mac_key->cipher, octets("MACKey", text));
}

template <const char* Name>
Result<void> start_unsupported(PskcHead& head, Attributes) {
  head.unsupported = Name;
  return {};
}
constexpr char x509_data[] = "X509Data";
constexpr char key_value[] = "KeyValue";
constexpr char encrypted_key[] = "EncryptedKey";
constexpr char agreement[] = "AgreementMethod";

constexpr Place places[] = {
    {"/EncryptionKey", start_encryption_key, nullptr},
    {"/EncryptionKey/X509Data", start_unsupported<x509_data>, nullptr},
    {"/EncryptionKey/KeyValue", start_unsupported<key_value>, nullptr},
    {"/EncryptionKey/EncryptedKey", start_unsupported<encrypted_key>, nullptr},
    {"/EncryptionKey/AgreementMethod", start_unsupported<agreement>, nullptr},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod",
     [](PskcHead& head, Attributes attributes) {
       return put_algorithm(head.derivation, attributes);
     },
     nullptr},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/Salt/Specified", nullptr,
     [](PskcHead& head, std::string_view text) { return put(head.salt, octets("Salt", text)); }},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/IterationCount", nullptr,
     [](PskcHead& head, std::string_view text) {
       return put(head.iterations, parse_number("IterationCount", text, 1,
                                                std::numeric_limits<std::int64_t>::max()));
     }},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/KeyLength", nullptr,
     [](PskcHead& head, std::string_view text) {
       return put(head.key_length, parse_number("KeyLength", text, 1, 1024));
     }},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/PRF",
     [](PskcHead& head, Attributes attributes) { return put_algorithm(head.prf, attributes); },
     nullptr},
    {"/MACMethod", start_mac_method, nullptr},
    {"/MACMethod/MACKey/EncryptionMethod", start_mac_key, nullptr},
    {"/MACMethod/MACKey/CipherData/CipherValue", nullptr, text_mac_key},
};

const Place* place_of(std::string_view path) {
  for (const Place& place : places)
    if (place.path == path) return &place;
  return nullptr;
}

}  // namespace

Result<void> PskcHead::start(std::string_view path, Attributes attributes) {
  const Place* place = place_of(path);
  return place != nullptr && place->start != nullptr ? place->start(*this, attributes)
                                                     : Result<void>{};
}

bool PskcHead::wants_text(std::string_view path) {
  const Place* place = place_of(path);
  return place != nullptr && place->text != nullptr;
}

Result<void> PskcHead::text(std::string_view path, std::string_view text) {
  const Place* place = place_of(path);
  return place != nullptr && place->text != nullptr ? place->text(*this, text) : Result<void>{};
}

}  // namespace countersign::formats
