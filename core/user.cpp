// SPDX-License-Identifier: Apache-2.0
#include "core/user.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace countersign {
namespace {

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

Result<void> require_name(std::string_view field, std::string_view text, std::size_t longest) {
  const auto allowed = [](char c) { return alphanumeric(c) || std::string_view("._-@+").contains(c); };
  if (text.empty() || text.size() > longest || !(alphanumeric(text[0]) || text[0] == '_') || !std::ranges::all_of(text, allowed))
    return fail(Code::invalid, fmt::format("{} '{}' must be 1 to {} letters, digits or any of . _ - @ +, and begin with a letter, "
                                           "a digit or _", field, escape_text(text.substr(0, 64)), longest));
  return {};
}

Result<void> require_phone(std::string_view phone) {
  const bool digits = phone.size() > 1 && std::ranges::all_of(phone.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  if (phone.empty() || (phone[0] == '+' && digits && phone.size() >= 8 && phone.size() <= 16 && phone[1] != '0')) return {};
  return fail(Code::invalid, fmt::format("phone '{}' must be in the international form: + and 7 to 15 digits, for example "
                                         "+491701234567", escape_text(phone.substr(0, 64))));
}

Result<void> require_email(std::string_view email) {
  if (email.empty()) return {};
  if (auto plain = require_plain_text("email", email, 254); !plain) return plain;
  const auto at = email.rfind('@');
  const bool whole = at != std::string_view::npos && at > 0 && at <= 64 && at + 1 < email.size() && email.find(' ') == std::string_view::npos &&
                     email[at + 1] != '.' && email.back() != '.';
  if (whole) return {};
  return fail(Code::invalid, fmt::format("email '{}' is not an address like name@example.org", escape_text(email)));
}

}  // namespace

Result<void> validate(const User& user) {
  if (auto held = require_name("user name", user.name, 128); !held) return held;
  if (auto held = require_name("audience", user.audience, 64); !held) return held;
  if (!user.login.empty())
    if (auto held = require_name("login", user.login, 64); !held) return held;
  if (auto held = require_plain_text("display name", user.display_name, 256); !held) return held;
  if (auto held = require_plain_text("location", user.location, 128); !held) return held;
  if (auto held = require_phone(user.phone); !held) return held;
  return require_email(user.email);
}

}  // namespace countersign
