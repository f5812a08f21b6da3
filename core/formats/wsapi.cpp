// SPDX-License-Identifier: Apache-2.0
#include "core/formats/wsapi.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace countersign::formats::wsapi {
namespace {

constexpr std::size_t most_lines = 32;

}  // namespace

const std::string* value_of(const Parameters& parameters, std::string_view name) {
  const auto found =
      std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
  return found != parameters.end() ? &found->second : nullptr;
}

std::string signed_text(Parameters parameters) {
  std::ranges::sort(parameters);
  std::string text;
  for (const auto& [name, value] : parameters) {
    if (name == "h") continue;
    if (!text.empty()) text += '&';
    text += name;
    text += '=';
    text += value;
  }
  return text;
}

std::string answer_text(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters)
    fmt::format_to(std::back_inserter(text), "{}={}\r\n", name, value);
  return text + "\r\n";
}

Result<Parameters> parse_answer(std::string_view text) {
  Parameters out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(Code::corrupt, "the answer has a line without a value");
    if (value_of(out, line.substr(0, equals)) != nullptr || out.size() == most_lines)
      return fail(Code::corrupt, "the answer says something twice, or too much");
    out.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return out;
}

std::string time_text(std::int64_t unix_ms) {
  const std::chrono::sys_seconds seconds{
      std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(unix_ms))};
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z{:04}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), unix_ms % 1000);
}

bool is_nonce(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return text.size() >= 16 && text.size() <= 40 && std::ranges::all_of(text, plain);
}

}  // namespace countersign::formats::wsapi
