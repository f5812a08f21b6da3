// SPDX-License-Identifier: Apache-2.0
#include "core/formats/oath_csv.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "core/encoding/base32.h"
#include "core/encoding/hex.h"
#include "core/formats/table.h"

namespace countersign::formats {
namespace {

enum Column : std::size_t {
  serial,
  secret,
  secret_hex,
  type,
  digits,
  period,
  algorithm,
  counter,
  period_or_counter,
  user,
  label,
  issuer,
  manufacturer,
  model
};
constexpr std::size_t column_count = model + 1;

constexpr auto known_columns = std::to_array<ColumnName>({
    {"serial", serial},
    {"serialnumber", serial},
    {"serialno", serial},
    {"sn", serial},
    {"tokenserial", serial},
    {"secret", secret},
    {"secretkey", secret},
    {"secretbase32", secret},
    {"secrethex", secret_hex},
    {"seed", secret_hex},
    {"seedhex", secret_hex},
    {"hexseed", secret_hex},
    {"otpkey", secret_hex},
    {"type", type},
    {"tokentype", type},
    {"kind", type},
    {"digits", digits},
    {"length", digits},
    {"otplength", digits},
    {"otplen", digits},
    {"period", period},
    {"timeinterval", period},
    {"timestep", period},
    {"interval", period},
    {"algorithm", algorithm},
    {"hash", algorithm},
    {"hashlib", algorithm},
    {"hashalgorithm", algorithm},
    {"counter", counter},
    {"movingfactor", counter},
    {"periodorcounter", period_or_counter},
    {"user", user},
    {"upn", user},
    {"username", user},
    {"userprincipalname", user},
    {"label", label},
    {"issuer", issuer},
    {"manufacturer", manufacturer},
    {"model", model},
});

using Row = TableRow<column_count>;

Result<void> take_parameters(TokenRecord& record, const Row& row) {
  if (!row[type].empty()) {
    if (equal_ignoring_case(row[type], "totp"))
      record.kind = Kind::totp;
    else if (equal_ignoring_case(row[type], "hotp"))
      record.kind = Kind::hotp;
    else
      return fail(Code::invalid,
                  fmt::format("type '{}' is not totp or hotp", shown_value(row[type])));
  }
  if (!row[digits].empty()) {
    const auto number = TRY(parse_number("digits", row[digits], 6, 8));
    record.oath.digits = static_cast<int>(number);
  }
  const auto either = [&row](Column own) {
    return row[own].empty() ? row[period_or_counter] : row[own];
  };
  if (const auto text = either(period); !text.empty() && record.kind == Kind::totp) {
    const auto number = TRY(parse_number("period", text, 5, 300));
    record.oath.period = static_cast<int>(number);
  }
  if (!row[algorithm].empty()) {
    const auto named = TRY(parse_algorithm(row[algorithm]));
    record.oath.algorithm = named;
  }
  if (const auto text = either(counter); !text.empty() && record.kind == Kind::hotp) {
    const auto number =
        TRY(parse_number("counter", text, 0, std::numeric_limits<std::int64_t>::max()));
    record.counter = number;
  }
  return {};
}

// Of the column that holds it. A secret in the other encoding says so: its letters could be both.
Result<Secret> decode_secret(const Row& row) {
  const bool hex = row[secret].empty();
  const std::string_view text = hex ? row[secret_hex] : row[secret];
  auto decoded = hex ? hex_decode(text) : base32_decode(text);
  if (decoded) return decoded;
  const bool other = hex ? base32_decode(text).has_value() : hex_decode(text).has_value();
  std::string why = "secret: " + decoded.error().what;
  if (other && hex) why += "; base32 belongs into a column 'secret'";
  if (other && !hex) why += "; hex belongs into a column 'secret_hex'";
  return fail(Code::invalid, std::move(why));
}

Result<TokenRecord> parse_row(const Row& row) {
  TokenRecord record{.user = std::string(row[user]),
                     .serial = std::string(row[serial]),
                     .label = std::string(row[label]),
                     .issuer = std::string(row[issuer])};
  if (record.serial.empty() && record.user.empty())
    return fail(Code::invalid, "the row has neither a serial nor a user");
  if (record.label.empty())
    record.label =
        fmt::format("{}{}{}", row[manufacturer],
                    row[manufacturer].empty() || row[model].empty() ? "" : " ", row[model]);
  if (row[secret].empty() == row[secret_hex].empty())
    return fail(Code::invalid, row[secret].empty()
                                   ? "the row has no secret"
                                   : "the row has a secret both in base32 and in hex");
  auto decoded = TRY(decode_secret(row));
  record.secret = std::move(decoded);
  TRY(take_parameters(record, row));
  TRY(validate(record));
  return record;
}

Result<void> check_columns(const std::vector<std::size_t>& columns) {
  if (!has_column(columns, secret) && !has_column(columns, secret_hex))
    return fail(Code::invalid, "there is no column 'secret' (base32) or 'secret_hex'");
  if (!has_column(columns, serial) && !has_column(columns, user))
    return fail(Code::invalid, "there is neither a column 'serial' nor 'user'");
  return {};
}

Result<void> check_header(const std::vector<std::size_t>& columns) {
  Result<void> held = check_columns(columns);
  if (!held)
    held.error().what += " in the header. A file without a header is imported with --no-header";
  return held;
}

}  // namespace

Result<void> import_oath_csv(const Source& source, TokenSink& sink, Tally& tally) {
  return import_table<TokenRecord, column_count>(source, sink, tally, known_columns, check_header,
                                                 parse_row);
}

Result<void> import_oath_csv_without_header(const Source& source, std::string_view columns,
                                            TokenSink& sink, Tally& tally) {
  Header named = TRY(parse_columns(columns, known_columns));
  return import_table<TokenRecord, column_count>(source, sink, tally, known_columns, check_columns,
                                                 parse_row, std::move(named));
}

}  // namespace countersign::formats
