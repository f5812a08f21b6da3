// SPDX-License-Identifier: Apache-2.0
#include "core/formats/otpauth.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "core/base/text.h"
#include "core/encoding/base32.h"
#include "core/encoding/percent.h"
#include "core/formats/account_label.h"
#include "core/formats/line_reader.h"

namespace countersign::formats {
namespace {

// The path: "issuer:account", "issuer: account" or "account". An issuer that is there already
// stays.
Result<void> take_label(TokenRecord& record, std::string_view path) {
  const auto decoded = TRY(percent_decode(path, Plus::literal));
  take_account(record, decoded.expose_text());
  return {};
}

Result<void> take_parameter(TokenRecord& record, std::string_view name, std::string_view value) {
  if (name == "secret") {
    auto secret = base32_decode(value);
    if (!secret) return fail(Code::invalid, "secret: " + secret.error().what);
    record.secret = std::move(*secret);
  } else if (name == "issuer") {
    record.issuer = value;
  } else if (name == "algorithm") {
    const auto algorithm = TRY(parse_algorithm(value));
    record.oath.algorithm = algorithm;
  } else if (name == "digits") {
    const auto digits = TRY(parse_number("digits", value, 6, 8));
    record.oath.digits = static_cast<int>(digits);
  } else if (name == "period") {
    const auto period = TRY(parse_number("period", value, 5, 300));
    record.oath.period = static_cast<int>(period);
  } else if (name == "counter") {
    const auto counter =
        TRY(parse_number("counter", value, 0, std::numeric_limits<std::int64_t>::max()));
    record.counter = counter;
  }
  return {};
}

constexpr std::string_view known_parameters[] = {"secret", "issuer", "algorithm",
                                                 "digits", "period", "counter"};

Result<void> take_query(TokenRecord& record, std::string_view query) {
  unsigned seen = 0;
  while (!query.empty()) {
    const auto [name, value] = next_parameter(query);
    const auto known = std::ranges::find_if(
        known_parameters, [&](std::string_view k) { return equal_ignoring_case(k, name); });
    if (known == std::ranges::end(known_parameters)) continue;
    const unsigned bit = 1U << (known - std::ranges::begin(known_parameters));
    if ((seen & bit) != 0)
      return fail(Code::invalid, fmt::format("the URI gives {} twice", *known));
    seen |= bit;
    const auto decoded = TRY(percent_decode(value, Plus::space));
    TRY(take_parameter(record, *known, decoded.expose_text()));
  }
  if ((seen & 1U) == 0) return fail(Code::invalid, "the URI has no secret");
  if (record.kind == Kind::hotp && (seen & 1U << 5U) == 0)
    return fail(Code::invalid, "the URI has no counter, which hotp needs");
  return {};
}

}  // namespace

Result<TokenRecord> parse_otpauth(std::string_view uri) {
  if (starts_with_ignoring_case(uri, "otpauth-migration://"))
    return fail(Code::invalid,
                "this is a migration URI of Google Authenticator; import it as 'migration'");
  if (!starts_with_ignoring_case(uri, "otpauth://"))
    return fail(Code::invalid, "this is no otpauth:// URI");
  if (uri.size() > longest_field)
    return fail(Code::invalid, fmt::format("the URI is longer than {} bytes", longest_field));
  uri.remove_prefix(10);
  uri = uri.substr(0, uri.find('#'));
  const auto question = uri.find('?');
  if (question == std::string_view::npos) return fail(Code::invalid, "the URI has no secret");
  const std::string_view query = uri.substr(question + 1);
  const std::string_view front = uri.substr(0, question);
  const auto slash = front.find('/');
  const std::string_view type = front.substr(0, slash);

  TokenRecord record;
  if (equal_ignoring_case(type, "totp"))
    record.kind = Kind::totp;
  else if (equal_ignoring_case(type, "hotp"))
    record.kind = Kind::hotp;
  else
    return fail(Code::invalid, fmt::format("type '{}' is not totp or hotp", shown_value(type)));
  TRY(take_query(record, query));
  TRY(take_label(record, slash == std::string_view::npos ? "" : front.substr(slash + 1)));
  if (record.kind == Kind::hotp)
    record.oath.period = OathParameters{}.period;
  else
    record.counter = 0;
  TRY(validate(record));
  return record;
}

Result<Secret> make_otpauth(const OtpauthLabel& label, Kind kind, const OathParameters& oath,
                            std::int64_t counter, const Secret& secret) {
  TokenRecord record{.label = std::string(label.account),
                     .issuer = std::string(label.issuer),
                     .kind = kind,
                     .oath = oath,
                     .counter = counter,
                     .secret = secret.copy()};
  TRY(validate(record));
  if (record.label.empty()) return fail(Code::invalid, "a URI for a phone needs an account name");
  if (label.issuer.contains(':') || (label.issuer.empty() && label.account.contains(':')))
    return fail(Code::invalid,
                "a colon parts issuer and account for phones: the issuer can't hold one, an "
                "account only behind an issuer");
  if (oath.epoch != 0)
    return fail(Code::invalid, "phones can't be told a time other than 1970 at which steps begin");
  std::string uri;
  uri.reserve(4096);  // more than the longest, so that no copy stays behind
  uri += kind == Kind::totp ? "otpauth://totp/" : "otpauth://hotp/";
  if (!label.issuer.empty()) {
    append_percent_encoded(uri, label.issuer);
    uri += ':';
  }
  append_percent_encoded(uri, label.account);
  uri += "?secret=";
  append_base32(uri, secret.expose());
  if (!label.issuer.empty()) {
    uri += "&issuer=";
    append_percent_encoded(uri, label.issuer);
  }
  fmt::format_to(std::back_inserter(uri), "&algorithm={}&digits={}", to_name(oath.algorithm),
                 oath.digits);
  if (kind == Kind::totp)
    fmt::format_to(std::back_inserter(uri), "&period={}", oath.period);
  else
    fmt::format_to(std::back_inserter(uri), "&counter={}", counter);
  Secret result{std::string_view(uri)};
  wipe(uri);
  return result;
}

Result<void> import_otpauth(const Source& source, TokenSink& sink, Tally& tally) {
  LineReader lines(source);
  for (;;) {
    const auto more = TRY(lines.next());
    if (!more) return {};
    tally.line = lines.line();
    const std::string_view text = trim(lines.text());
    if (lines.too_long()) {
      refuse(sink, tally, tally.line,
             fmt::format("the line is longer than {} bytes", longest_field));
    } else if (!text.empty() && text[0] != '#') {
      auto record = parse_otpauth(text);
      if (record) {
        record->line = tally.line;
        take(sink, tally, std::move(*record));
      } else {
        refuse(sink, tally, tally.line, std::move(record.error().what));
      }
    }
  }
}

}  // namespace countersign::formats
