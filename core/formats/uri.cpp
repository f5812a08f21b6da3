// SPDX-License-Identifier: Apache-2.0
#include "core/formats/uri.h"

#include <algorithm>

namespace countersign::formats {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view front) {
  return equal_ignoring_case(text.substr(0, front.size()), front);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::pair<std::string_view, std::string_view> next_parameter(std::string_view& query) {
  const auto end = query.find('&');
  const std::string_view pair = query.substr(0, end);
  query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  const auto equals = pair.find('=');
  return {pair.substr(0, equals), equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1)};
}

void take_account(TokenRecord& record, std::string_view name) {
  const auto colon = name.find(':');
  if (colon != std::string_view::npos) {
    if (record.issuer.empty()) record.issuer = trim(name.substr(0, colon));
    name.remove_prefix(colon + 1);
  }
  record.label = trim(name);
  record.user = record.label;
  if (record.label.empty()) record.label = record.issuer;
}

}  // namespace countersign::formats
