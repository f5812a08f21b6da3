// SPDX-License-Identifier: Apache-2.0
#include "core/formats/token_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/text.h"

namespace countersign::formats {

Result<void> validate(const TokenRecord& record) {
  if (record.kind != Kind::totp && record.kind != Kind::hotp && record.kind != Kind::yubico_otp)
    return fail(Code::invalid, "only totp, hotp and yubico-otp tokens can be imported");
  TRY(require_plain_text("user", record.user, 128));
  TRY(validate_serial(record.serial));
  TRY(validate_label(record.label));
  TRY(require_plain_text("issuer", record.issuer, 256));
  if (record.kind == Kind::yubico_otp) return {};  // its sizes are fixed
  TRY(countersign::validate(record.oath, record.kind));
  if (record.counter < 0) return fail(Code::invalid, "counter must not be negative");
  if (record.secret.size() < 10)
    return fail(Code::invalid, fmt::format("the secret has {} bits; fewer than 80 can be guessed",
                                           record.secret.size() * 8));
  if (record.secret.size() > 128)
    return fail(Code::invalid,
                fmt::format("the secret has {} bits; more than 1024 are not supported",
                            record.secret.size() * 8));
  return {};
}

std::string shown_value(std::string_view value) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool plain = std::ranges::all_of(
      value, [&](char c) { return digit(c) || letter(c) || c == ' ' || c == '-' || c == '='; });
  if (value.size() >= 16 && plain && std::ranges::any_of(value, digit))
    return fmt::format("({} characters)", value.size());
  return escape_text(value.substr(0, 32));
}

Result<std::int64_t> parse_number(std::string_view field, std::string_view text, std::int64_t least,
                                  std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '-' || error == std::errc::invalid_argument ||
      end != text.data() + text.size())
    return fail(Code::invalid,
                fmt::format("{} '{}' is not a whole number", field, shown_value(text)));
  if (error != std::errc{} || value < least || value > most) {
    if (most == std::numeric_limits<std::int64_t>::max())
      return fail(Code::invalid, fmt::format("{} is too large", field));
    return fail(Code::invalid, fmt::format("{} '{}' is not between {} and {}", field,
                                           shown_value(text), least, most));
  }
  return value;
}

Result<HashAlgorithm> parse_algorithm(std::string_view text) {
  std::string name;
  for (const char c : text.substr(0, 32))
    if (c != '-' && c != '_' && c != ' ')
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (name.starts_with("HMAC")) name.erase(0, 4);
  if (const auto algorithm = from_name<HashAlgorithm>(name)) return *algorithm;
  return fail(Code::invalid,
              fmt::format("algorithm '{}' is not SHA1, SHA256 or SHA512", shown_value(text)));
}

}  // namespace countersign::formats
