// SPDX-License-Identifier: Apache-2.0
#include "core/formats/yubikey_csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/encoding/hex.h"
#include "core/encoding/modhex.h"
#include "core/formats/csv.h"

namespace countersign::formats {
namespace {

using Fields = std::span<const std::string>;

constexpr std::size_t private_id_size = 6, aes_key_size = 16, hotp_key_size = 20,
                      longest_public_id = 16;

std::string_view field(Fields fields, std::size_t at) {
  return at < fields.size() ? std::string_view(fields[at]) : std::string_view();
}

Result<Secret> hex_field(std::string_view name, std::string_view text, std::size_t size) {
  auto octets = hex_decode(text);
  if (!octets || octets->size() != size)
    return fail(Code::invalid, fmt::format("the {} is not {} hexadecimal digits", name, 2 * size));
  return octets;
}

Result<TokenRecord> yubico_otp(std::string_view serial, std::string_view public_id,
                               std::string_view private_id, std::string_view key) {
  TokenRecord record{.serial = std::string(serial), .kind = Kind::yubico_otp};
  auto handle = modhex_decode(public_id);
  if (!handle || handle->size() > longest_public_id)
    return fail(Code::invalid, "the public id is not up to 32 letters of modhex");
  if (handle->empty())
    return fail(Code::invalid, "the key types no public id, so its user could not be found");
  record.handle = std::move(*handle);
  const auto own = TRY(hex_field("private id", private_id, private_id_size));
  const auto aes = TRY(hex_field("AES key", key, aes_key_size));
  record.secret = Secret(aes_key_size + private_id_size);
  std::ranges::copy(aes.expose(), record.secret.expose_mutable().begin());
  std::ranges::copy(own.expose(), record.secret.expose_mutable().begin() + aes_key_size);
  return record;
}

// The log does not say how many digits were chosen; six is what the tool offers first.
Result<TokenRecord> hotp(Fields fields) {
  TokenRecord record{.serial = std::string(field(fields, 3)), .kind = Kind::hotp};
  if (record.serial.empty())
    return fail(Code::invalid, "the row has no token id: the token could not be found again");
  auto key = TRY(hex_field("secret", field(fields, 5), hotp_key_size));
  record.secret = std::move(key);
  return record;
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<TokenRecord> parse_row(Fields fields) {
  const std::string_view first = field(fields, 0);
  if (first == "Yubico OTP")
    return yubico_otp(field(fields, 3), field(fields, 3), field(fields, 4),
                      field(fields, 5));  // the log knows no serial
  if (first == "OATH-HOTP") return hotp(fields);
  if (is_number(first) && fields.size() >= 4)
    return yubico_otp(first == "0" ? "" : first, field(fields, 1), field(fields, 2),
                      field(fields, 3));
  return fail(Code::invalid,
              fmt::format("'{}' is no configuration that can be verified", shown_value(first)));
}

bool is_passed_over(Fields fields) {
  const std::string_view first = field(fields, 0);
  return first.starts_with('#') || first == "LOGGING START";
}

}  // namespace

Result<void> import_yubikey_csv(const Source& source, TokenSink& sink, Tally& tally) {
  CsvReader reader(source);
  for (;;) {
    const auto more = reader.next();
    tally.line = reader.line();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    if (!reader.defect().empty()) {
      refuse(sink, tally, reader.line(), reader.defect());
      continue;
    }
    if (is_passed_over(reader.fields())) continue;
    auto record = parse_row(reader.fields());
    if (record)
      if (auto held = validate(*record); !held) record = std::unexpected(held.error());
    if (!record) {
      refuse(sink, tally, reader.line(), record.error().what);
      continue;
    }
    record->line = reader.line();
    take(sink, tally, std::move(*record));
  }
}

}  // namespace countersign::formats
