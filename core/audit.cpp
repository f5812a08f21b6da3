// SPDX-License-Identifier: Apache-2.0
#include "core/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "core/base/text.h"
#include "core/crypto/hash.h"

namespace countersign::audit {
namespace {

constexpr std::string_view head_context("countersign-audit-head-v1\0", 26);

std::array<Byte, 8> big_endian(std::int64_t value) {
  std::array<Byte, 8> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<Byte>(static_cast<std::uint64_t>(value) >> (56 - 8 * i));
  return octets;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void append_time(std::string& out, Time time) {
  const std::int64_t ms = unix_ms(time);
  const std::time_t seconds = unix_seconds(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                 utc.tm_sec, ms - static_cast<std::int64_t>(seconds) * 1000);
}

}  // namespace

std::string to_line(const Event& event) {
  std::string out;
  out.reserve(256);
  out += "{\"time\":\"";
  append_time(out, event.time);
  out += '"';
  append_member(out, "action", event.action);
  append_member(out, "actor", event.actor);
  append_member(out, "service", event.service);
  append_member(out, "user", event.user);
  append_member(out, "authenticator", event.authenticator);
  append_member(out, "outcome", event.outcome);
  append_member(out, "reason", event.reason);
  for (const auto& [name, value] : event.details) append_member(out, name, value);
  out += '}';
  return out;
}

Time time_of(std::string_view line) {
  // {"time":"2026-05-01T08:30:00.123Z"
  constexpr std::string_view shape = R"({"time":"dddd-dd-ddTdd:dd:dd.dddZ")";
  if (line.size() < shape.size()) return {};
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' && i > 7 ? line[i] < '0' || line[i] > '9' : line[i] != shape[i]) return {};
  const auto number = [&](std::size_t from, std::size_t size) {
    int value = 0;
    std::from_chars(line.data() + from, line.data() + from + size, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(9, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(14, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(17, 2)))};
  if (!date.ok()) return {};
  return std::chrono::sys_days(date) + std::chrono::hours(number(20, 2)) +
         std::chrono::minutes(number(23, 2)) + std::chrono::seconds(number(26, 2)) +
         Milliseconds(number(29, 3));
}

Digest link(const Digest& previous, std::int64_t sequence, std::string_view line) {
  return crypto::sha256({previous, big_endian(sequence), as_bytes(line)});
}

Bytes head_message(std::int64_t sequence, const Digest& hash) {
  const auto number = big_endian(sequence);
  Bytes message(head_context.size() + number.size() + hash.size());
  auto end = std::ranges::copy(as_bytes(head_context), message.begin()).out;
  end = std::ranges::copy(number, end).out;
  std::ranges::copy(hash, end);
  return message;
}

Result<void> Verifier::next(const Record& record) {
  if (record.sequence != sequence_ + 1)
    return fail(Code::corrupt, fmt::format("event {} is missing: after {} comes {}", sequence_ + 1,
                                           sequence_, record.sequence));
  const Digest expected = link(hash_, record.sequence, record.line);
  if (expected != record.hash)
    return fail(Code::corrupt,
                fmt::format("event {} was changed, or one before it", record.sequence));
  sequence_ = record.sequence;
  hash_ = expected;
  return {};
}

Result<void> Verifier::finish(const Head& head) const {
  if (head.sequence > sequence_)
    return fail(Code::corrupt, fmt::format("events {} to {} are missing at the end", sequence_ + 1,
                                           head.sequence));
  if (head.sequence < sequence_)
    return fail(Code::corrupt,
                fmt::format("events {} to {} were added without the daemon's signature",
                            head.sequence + 1, sequence_));
  if (head.hash != hash_)
    return fail(Code::corrupt,
                fmt::format("the signed end of the chain (event {}) does not match", sequence_));
  return {};
}

}  // namespace countersign::audit
