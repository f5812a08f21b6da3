// SPDX-License-Identifier: Apache-2.0
#include "cli/import/json_lines.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "core/base/text.h"
#include "core/encoding/base32.h"
#include "core/encoding/modhex.h"

namespace countersign::import {
namespace {

constexpr std::size_t write_at = 64 * 1024;
constexpr std::size_t longest_line =
    64 * 1024;  // a valid row is a few KiB even if every character needs an escape

}  // namespace

JsonLines::JsonLines(int descriptor) : descriptor_(descriptor) {
  buffer_.reserve(write_at + longest_line);
}
JsonLines::~JsonLines() { wipe(buffer_.data(), buffer_.capacity()); }

void JsonLines::member(std::string_view name, std::string_view text) {
  buffer_ += buffer_.empty() || buffer_.back() == '\n' ? "{\"" : ",\"";
  buffer_ += name;
  buffer_ += "\":";
  append_json_string(buffer_, text);
}

void JsonLines::member(std::string_view name, std::int64_t number) {
  buffer_ += buffer_.empty() || buffer_.back() == '\n' ? "{\"" : ",\"";
  buffer_ += name;
  buffer_ += "\":";
  const fmt::format_int digits(number);
  buffer_.append(digits.data(), digits.size());
}

void JsonLines::finish_line() {
  buffer_ += "}\n";
  if (buffer_.size() >= write_at) (void)flush();
}

void JsonLines::token(const formats::TokenRecord& record) {
  member("line", static_cast<std::int64_t>(record.line));
  member("user", record.user);
  member("serial", record.serial);
  member("label", record.label);
  member("issuer", record.issuer);
  member("kind", to_name(record.kind));
  if (!record.handle.empty()) member("public_id", formats::modhex_encode(record.handle));
  buffer_ += ",\"secret\":\"";
  formats::append_base32(buffer_, record.secret.expose());
  buffer_ += '"';
  member("algorithm", to_name(record.oath.algorithm));
  member("digits", record.oath.digits);
  member("period", record.oath.period);
  member("epoch", record.oath.epoch);
  member("counter", record.counter);
  member("drift", record.drift);
  finish_line();
}

void JsonLines::user(const formats::UserRecord& record) {
  const User& user = record.user;
  member("line", static_cast<std::int64_t>(record.line));
  member("name", user.name);
  member("display_name", user.display_name);
  member("audience", user.audience);
  member("location", user.location);
  member("phone", user.phone);
  member("email", user.email);
  member("role", to_name(user.role));
  member("login", user.login);
  finish_line();
}

void JsonLines::refused(const formats::Refused& refused) {
  member("line", static_cast<std::int64_t>(refused.line));
  member("refused", std::string_view(refused.reason).substr(0, 1024));
  finish_line();
}

void JsonLines::end(const formats::Tally& tally) {
  buffer_ += "{\"end\":true";
  member("rows", static_cast<std::int64_t>(tally.rows));
  member("refused_rows", static_cast<std::int64_t>(tally.refused));
  if (!tally.passed_over.empty()) {
    buffer_ += ",\"passed_over\":[";
    for (const std::string& column : tally.passed_over) {
      if (!buffer_.ends_with('[')) buffer_ += ',';
      append_json_string(buffer_, column);
    }
    buffer_ += ']';
  }
  finish_line();
}

void JsonLines::error(const Error& error, const formats::Tally& tally) {
  member("error", std::string_view(error.what).substr(0, 1024));
  member("line", static_cast<std::int64_t>(tally.line));
  finish_line();
}

bool JsonLines::flush() {
  for (std::string_view rest = buffer_; !rest.empty() && !failed_;) {
    const ssize_t wrote = write(descriptor_, rest.data(), rest.size());
    if (wrote > 0)
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    else if (wrote < 0 && errno != EINTR)
      failed_ = true;
  }
  wipe(buffer_);
  buffer_.clear();
  return !failed_;
}

}  // namespace countersign::import
