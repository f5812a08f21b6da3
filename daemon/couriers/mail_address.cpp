// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/mail_address.h"

#include <algorithm>

#include "core/base/text.h"

namespace countersign::couriers {
namespace {

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Words of these letters with single dots between them.
template <class Allowed>
bool dotted(std::string_view text, Allowed&& allowed) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.contains(".."))
    return false;
  return std::ranges::all_of(text, [&](char c) { return c == '.' || allowed(c); });
}

}  // namespace

Result<void> require_mail_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  const auto atom = [](char c) {
    return alphanumeric(c) || std::string_view("!#$%&'*+/=?^_`{|}~-").contains(c);
  };
  const auto host = [](char c) { return alphanumeric(c) || c == '-'; };
  const bool good = at != std::string_view::npos && address.size() <= 254 && at <= 64 &&
                    dotted(address.substr(0, at), atom) && dotted(address.substr(at + 1), host);
  if (good) return {};
  return fail(Code::invalid, "'" + escape_text(address.substr(0, 254)) +
                                 "' is not an e-mail address that mail can be sent to");
}

Result<Mailbox> parse_mailbox(std::string_view text) {
  Mailbox mailbox;
  text = trim(text);
  if (const std::size_t open = text.rfind('<');
      open != std::string_view::npos && text.ends_with('>')) {
    mailbox.name = trim(text.substr(0, open));
    mailbox.address = text.substr(open + 1, text.size() - open - 2);
  } else {
    mailbox.address = text;
  }
  if (mailbox.name.find_first_of("<>@,;") != std::string::npos)
    return fail(Code::invalid, "write one address, like \"Name <address>\"");
  TRY(require_plain_text("the name", mailbox.name, 128));
  TRY(require_mail_address(mailbox.address));
  return mailbox;
}

}  // namespace countersign::couriers
