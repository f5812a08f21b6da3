// SPDX-License-Identifier: Apache-2.0
#include "core/user.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.h"

namespace countersign {
namespace {

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Result<void> require_name(std::string_view field, std::string_view text, std::size_t longest) {
  const auto allowed = [](char c) {
    return alphanumeric(c) || std::string_view("._-@+").contains(c);
  };
  if (text.empty() || text.size() > longest || !(alphanumeric(text[0]) || text[0] == '_') ||
      !std::ranges::all_of(text, allowed))
    return fail(
        Code::invalid,
        fmt::format(
            "{} '{}' must be 1 to {} letters, digits or any of . _ - @ +, and begin with a letter, "
            "a digit or _",
            field, escape_text(text.substr(0, 64)), longest));
  return {};
}

Error bad_name(std::string_view field, std::string_view text, std::size_t longest,
               std::string_view rule) {
  return {Code::invalid, fmt::format("{} '{}' must be 1 to {} octets of UTF-8 {}", field,
                                     escape_text(text.substr(0, 64)), longest, rule)};
}

// As people and directories have them: letters of any script, spaces, apostrophes, DOMAIN\user,
// user@realm; without what no directory takes. A colon would be taken for login:NAME.
Result<void> require_user_name(std::string_view name) {
  TRY(require_plain_text("user name", name, longest_name));
  const auto letter = [](char c) {
    return alphanumeric(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  if (name.empty() || !letter(name.front()) || name.back() == ' ' ||
      name.find_first_of("\"*,:;<=>?[]|") != std::string_view::npos)
    return std::unexpected(bad_name("user name", name, longest_name,
                                    "that begin with a letter, a digit or _, do not end with a "
                                    "space, and have none of \" * , : ; < = > ? [ ] |"));
  return {};
}

// What NSS can give: a line of /etc/passwd and a path's last part can hold neither of the two.
Result<void> require_login(std::string_view login) {
  TRY(require_plain_text("login", login, longest_login));
  if (login.contains(':') || login.contains('/'))
    return std::unexpected(bad_name("login", login, longest_login, "without a colon and a slash"));
  return {};
}

Result<void> require_phone(std::string_view phone) {
  const bool digits = phone.size() > 1 && std::ranges::all_of(phone.substr(1), [](char c) {
                        return c >= '0' && c <= '9';
                      });
  if (phone.empty() ||
      (phone[0] == '+' && digits && phone.size() >= 8 && phone.size() <= 16 && phone[1] != '0'))
    return {};
  return fail(
      Code::invalid,
      fmt::format("phone '{}' must be in the international form: + and 7 to 15 digits, for example "
                  "+491701234567",
                  escape_text(phone.substr(0, 64))));
}

Result<void> require_email(std::string_view email) {
  if (email.empty()) return {};
  TRY(require_plain_text("email", email, 254));
  const auto at = email.rfind('@');
  const bool whole = at != std::string_view::npos && at > 0 && at <= 64 && at + 1 < email.size() &&
                     email.find(' ') == std::string_view::npos && email[at + 1] != '.' &&
                     email.back() != '.';
  if (whole) return {};
  return fail(Code::invalid, fmt::format("email '{}' is not an address like name@example.org",
                                         escape_text(email)));
}

std::string joined(const auto& list) {
  std::string out;
  for (const auto& each : list) out += (out.empty() ? "" : ",") + fmt::to_string(each);
  return out;
}

std::vector<std::string_view> parts(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string to_text(const std::optional<ServiceAccount>& account) {
  return account ? joined(account->callers) + "|" + joined(account->services) : std::string();
}

Result<std::optional<ServiceAccount>> service_account_from_text(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto bar = text.find('|');
  const auto wrong = [&] {
    return fail(
        Code::invalid,
        fmt::format("service account '{}' must be uids and services, like 990,991|backup,sync",
                    escape_text(text.substr(0, 64))));
  };
  if (bar == std::string_view::npos) return wrong();
  ServiceAccount account;
  for (const std::string_view part : parts(text.substr(0, bar))) {
    std::uint32_t uid = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), uid);
    if (error != std::errc() || end != part.data() + part.size()) return wrong();
    account.callers.push_back(uid);
  }
  for (const std::string_view part : parts(text.substr(bar + 1))) {
    TRY(require_name("service", part, 64));
    account.services.emplace_back(part);
  }
  if (account.callers.empty() || account.services.empty() || account.callers.size() > 64 ||
      account.services.size() > 64)
    return wrong();
  return account;
}

Result<void> validate(const User& user) {
  TRY(require_user_name(user.name));
  TRY(require_name("audience", user.audience, 64));
  TRY(require_login(user.login));
  TRY(require_plain_text("display name", user.display_name, 256));
  TRY(require_plain_text("location", user.location, 128));
  TRY(require_phone(user.phone));
  return require_email(user.email);
}

}  // namespace countersign
