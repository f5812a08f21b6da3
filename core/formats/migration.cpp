// SPDX-License-Identifier: Apache-2.0
#include "core/formats/migration.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <vector>

#include "core/base/text.h"
#include "core/encoding/base64.h"
#include "core/encoding/percent.h"
#include "core/encoding/protobuf.h"
#include "core/formats/account_label.h"
#include "core/formats/line_reader.h"

namespace countersign::formats {
namespace {

constexpr std::size_t most_exports = 64;  // in one file
constexpr std::uint64_t most_batches = 128;

struct Account {
  TokenRecord record;
  std::string name;
  std::uint64_t algorithm = 0;
  std::uint64_t digits = 0;
  std::uint64_t type = 0;
};

Result<void> settle(Account& account) {
  TokenRecord& record = account.record;
  switch (account.algorithm) {
    case 0:
    case 1:
      record.oath.algorithm = HashAlgorithm::sha1;
      break;
    case 2:
      record.oath.algorithm = HashAlgorithm::sha256;
      break;
    case 3:
      record.oath.algorithm = HashAlgorithm::sha512;
      break;
    case 4:
      return fail(Code::invalid, "algorithm MD5 is not supported; use SHA1, SHA256 or SHA512");
    default:
      return fail(Code::invalid, fmt::format("algorithm number {} is unknown", account.algorithm));
  }
  switch (account.digits) {
    case 0:
    case 1:
      record.oath.digits = 6;
      break;
    case 2:
      record.oath.digits = 8;
      break;
    default:
      return fail(Code::invalid, fmt::format("digits number {} is unknown", account.digits));
  }
  switch (account.type) {
    case 1:
      record.kind = Kind::hotp;
      break;
    case 2:
      record.kind = Kind::totp;
      break;
    case 0:
      return fail(Code::invalid, "the account does not say whether it is totp or hotp");
    default:
      return fail(Code::invalid, fmt::format("type number {} is unknown", account.type));
  }
  if (record.kind == Kind::totp) record.counter = 0;
  take_account(record, account.name);
  return validate(record);
}

Result<TokenRecord> parse_account(BytesView message) {
  Account account;
  ProtobufReader reader(message);
  for (;;) {
    const auto field = TRY(reader.next());
    if (!field) break;
    const bool wants_bytes = field->number >= 1 && field->number <= 3;
    if (field->number <= 7 && field->bytes_given != wants_bytes)
      return fail(Code::corrupt, "the data holds a field of the wrong type");
    switch (field->number) {
      case 1:
        account.record.secret = Secret(field->bytes);
        break;
      case 2:
        account.name = as_text(field->bytes);
        break;
      case 3:
        account.record.issuer = as_text(field->bytes);
        break;
      case 4:
        account.algorithm = field->value;
        break;
      case 5:
        account.digits = field->value;
        break;
      case 6:
        account.type = field->value;
        break;
      case 7:
        account.record.counter = static_cast<std::int64_t>(field->value);
        break;
      default:
        break;
    }
  }
  TRY(settle(account));
  return std::move(account.record);
}

struct Batch {
  std::uint64_t version = 1;
  std::uint64_t size = 1;
  std::uint64_t index = 0;
  std::uint64_t id = 0;
  std::vector<BytesView> accounts;  // views into the payload
};

Result<Batch> parse_batch(BytesView message) {
  Batch batch;
  ProtobufReader reader(message);
  for (;;) {
    const auto field = TRY(reader.next());
    if (!field) break;
    if (field->number <= 5 && field->bytes_given != (field->number == 1))
      return fail(Code::corrupt, "the data holds a field of the wrong type");
    switch (field->number) {
      case 1:
        batch.accounts.push_back(field->bytes);
        break;
      case 2:
        batch.version = field->value;
        break;
      case 3:
        batch.size = field->value;
        break;
      case 4:
        batch.index = field->value;
        break;
      case 5:
        batch.id = field->value;
        break;
      default:
        break;
    }
  }
  if (batch.version > 2)
    return fail(Code::invalid, fmt::format("version {} of the export is unknown", batch.version));
  if (batch.size == 0) batch.size = 1;
  if (batch.size > most_batches || batch.index >= batch.size)
    return fail(Code::corrupt, "the data has an impossible batch number");
  if (batch.accounts.empty()) return fail(Code::corrupt, "the data holds no account");
  return batch;
}

Result<Secret> payload_of(std::string_view uri) {
  if (starts_with_ignoring_case(uri, "otpauth://"))
    return fail(Code::invalid, "this is an otpauth:// URI; import it as 'otpauth'");
  constexpr std::string_view front = "otpauth-migration://offline?";
  if (!starts_with_ignoring_case(uri, front))
    return fail(Code::invalid, "this is no otpauth-migration:// URI");
  for (std::string_view query = uri.substr(front.size()); !query.empty();) {
    const auto [name, value] = next_parameter(query);
    if (name != "data") continue;
    const auto base64 = TRY(percent_decode(value, Plus::literal));
    return base64_decode(base64.expose_text());
  }
  return fail(Code::invalid, "the URI has no data");
}

// Which batches of which export were there.
class Exports {
 public:
  Result<void> note(const Batch& batch, std::size_t line) {
    Export& one = exports_[{batch.id, batch.size}];
    if (exports_.size() > most_exports)
      return fail(Code::exhausted,
                  fmt::format("the file holds more than {} exports", most_exports));
    if (one.line == 0) one.line = line;
    if (!one.seen.insert(batch.index).second && batch.size > 1)
      return fail(Code::invalid,
                  fmt::format("batch {} of {} is there twice", batch.index + 1, batch.size));
    return {};
  }

  void refuse_incomplete(TokenSink& sink, Tally& tally) const {
    for (const auto& [key, one] : exports_)
      for (std::uint64_t index = 0; index < key.second; ++index)
        if (!one.seen.contains(index))
          refuse(sink, tally, one.line,
                 fmt::format("batch {} of {} of this export is missing: scan every QR code that "
                             "the phone shows",
                             index + 1, key.second));
  }

 private:
  struct Export {
    std::size_t line = 0;
    std::set<std::uint64_t> seen;
  };
  std::map<std::pair<std::uint64_t, std::uint64_t>, Export> exports_;
};

Result<void> import_line(std::string_view uri, Exports& exports, TokenSink& sink, Tally& tally) {
  const auto payload = TRY(payload_of(uri));
  const auto batch = TRY(parse_batch(payload.expose()));
  TRY(exports.note(batch, tally.line));
  for (std::size_t i = 0; i < batch.accounts.size(); ++i) {
    auto record = parse_account(batch.accounts[i]);
    if (record) {
      record->line = tally.line;
      take(sink, tally, std::move(*record));
    } else {
      refuse(sink, tally, tally.line,
             fmt::format("account {} of this line: {}", i + 1, record.error().what));
    }
  }
  return {};
}

}  // namespace

Result<void> import_migration(const Source& source, TokenSink& sink, Tally& tally) {
  LineReader lines(source);
  Exports exports;
  for (;;) {
    const auto more = TRY(lines.next());
    if (!more) break;
    tally.line = lines.line();
    const std::string_view text = trim(lines.text());
    if (lines.too_long()) {
      refuse(sink, tally, tally.line,
             fmt::format("the line is longer than {} bytes", longest_field));
    } else if (!text.empty() && text[0] != '#') {
      if (auto imported = import_line(text, exports, sink, tally); !imported) {
        if (imported.error().code == Code::exhausted) return imported;
        refuse(sink, tally, tally.line, std::move(imported.error().what));
      }
    }
  }
  exports.refuse_incomplete(sink, tally);
  return {};
}

}  // namespace countersign::formats
