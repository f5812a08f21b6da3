// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/distinguished_name.h"

#include <charconv>

#include "core/base/text.h"

namespace countersign::formats {
namespace {

// Takes one "type=value" off the front, up to an unescaped comma or plus (RFC 4514 §2), with its
// escapes undone (§2.4).
std::string next_part(std::string_view& name) {
  std::string part;
  while (!name.empty()) {
    const char c = name[0];
    name.remove_prefix(1);
    if (c == ',' || c == '+') break;
    unsigned octet = 0;
    if (c != '\\' || name.empty()) {
      part += c;
    } else if (name.size() >= 2 &&
               std::from_chars(name.data(), name.data() + 2, octet, 16).ptr == name.data() + 2) {
      part += static_cast<char>(octet);
      name.remove_prefix(2);
    } else {
      part += name[0];
      name.remove_prefix(1);
    }
  }
  return part;
}

}  // namespace

std::string user_of_distinguished_name(std::string_view name) {
  name = trim(name);
  if (!name.contains('=')) return std::string(name);
  std::string common_name;
  while (!name.empty()) {
    const std::string part = next_part(name);
    const auto equals = part.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view type = trim(std::string_view(part).substr(0, equals));
    const std::string_view value = trim(std::string_view(part).substr(equals + 1));
    if (equal_ignoring_case(type, "uid")) return std::string(value);
    if (equal_ignoring_case(type, "cn") && common_name.empty()) common_name = value;
  }
  return common_name;
}

}  // namespace countersign::formats
