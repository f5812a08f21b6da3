// SPDX-License-Identifier: Apache-2.0
// Addresses as SMTP and mail headers take them without quoting: RFC 5321 Dot-string at a domain,
// ASCII.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace countersign::couriers {

// invalid: anything that could be more than one address, or end a header.
[[nodiscard]] Result<void> require_mail_address(std::string_view address);

struct Mailbox {
  std::string name;  // may be empty; UTF-8
  std::string address;
};
// "address" or "Name <address>".
[[nodiscard]] Result<Mailbox> parse_mailbox(std::string_view text);

}  // namespace countersign::couriers
