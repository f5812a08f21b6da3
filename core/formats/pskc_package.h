// SPDX-License-Identifier: Apache-2.0
// One KeyPackage of a PSKC file while it is read (RFC 6030 §4).
#pragma once

#include <optional>
#include <string>

#include "core/encoding/xml_stream.h"
#include "core/formats/pskc_protection.h"
#include "core/formats/token_record.h"

namespace countersign::formats {

class PskcPackage {
 public:
  PskcPackage() = default;
  // today as in 2026-01-31: policies have dates.
  PskcPackage(std::size_t line, std::string today) : today_(std::move(today)) {
    record_.line = line;
  }

  [[nodiscard]] std::size_t line() const { return record_.line; }

  // Take the element at a path of local names below KeyContainer ("/KeyPackage/Key"). What is wrong
  // is kept: settle() gives the first of it.
  void start(std::string_view path, std::span<const XmlAttribute> attributes);
  void text(std::string_view path, std::string_view text);
  [[nodiscard]] static bool wants_text(std::string_view path);

  // Once, at the package's end: opens the secret.
  [[nodiscard]] Result<TokenRecord> settle(const PskcProtection& protection);

 private:
  friend struct PskcPlaces;  // the table of elements, in the .cpp

  void refuse(std::string why);
  void take_key(std::span<const XmlAttribute> attributes);
  void take_response(std::span<const XmlAttribute> attributes);
  void take_encryption(std::span<const XmlAttribute> attributes);
  void take_pin_policy(std::span<const XmlAttribute> attributes);
  void refuse_encrypted_number(std::span<const XmlAttribute> attributes);
  void take_suite(std::string_view text);
  void take_plain(std::string_view text);
  void take_encrypted(std::string_view text);
  void take_mac(std::string_view text);
  void take_drift(std::string_view text);
  void take_usage(std::string_view text);
  [[nodiscard]] bool is_day(std::string_view text);

  template <class T>
  void take_number(T& target, std::string_view field, std::string_view text, std::int64_t least,
                   std::int64_t most) {
    if (const auto number = parse_number(field, text, least, most))
      target = static_cast<T>(*number);
    else
      refuse(number.error().what);
  }

  std::string today_;
  std::string defect_;
  TokenRecord record_;
  int keys_ = 0;
  std::string key_id_, manufacturer_, model_, device_user_;
  bool usage_given_ = false;
  bool otp_usage_ = false;
  std::optional<Secret> plain_;
  std::optional<PskcEncrypted> encrypted_;
  std::optional<Bytes> mac_;
};

}  // namespace countersign::formats
