// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/hex.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/encoding/source.h"

namespace countersign::formats {
namespace {

bool separator(char c) { return c == ' ' || c == '-' || c == ':'; }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<Secret> hex_decode(std::string_view text) {
  if (text.size() > longest_field)
    return fail(Code::invalid, fmt::format("the hex text is longer than {} digits", longest_field));
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (separator(text[i])) continue;
    if (digit_of(text[i]) < 0)
      return fail(Code::invalid,
                  fmt::format("'{}' at position {} is not a hex digit (0 to 9, a to f)",
                              escape_text(text.substr(i, 1)), i + 1));
    ++digits;
  }
  if (digits == 0) return fail(Code::invalid, "the hex text is empty");
  if (digits % 2 != 0)
    return fail(Code::invalid,
                fmt::format("hex of {} digits is cut off or has one too many", digits));
  Secret bytes(digits / 2);
  std::size_t at = 0;
  for (const char c : text) {
    if (separator(c)) continue;
    Byte& byte = bytes.expose_mutable()[at++ / 2];
    byte = static_cast<Byte>(byte << 4U | digit_of(c));
  }
  return bytes;
}

std::string hex_encode(BytesView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const Byte octet : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", octet);
  return out;
}

Secret hex_encode_secret(BytesView bytes) {
  std::string text = hex_encode(bytes);
  Secret secret{std::string_view(text)};
  wipe(text);
  return secret;
}

}  // namespace countersign::formats
