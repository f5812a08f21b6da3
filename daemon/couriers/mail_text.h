// SPDX-License-Identifier: Apache-2.0
// An e-mail as it goes over the wire (RFC 5322; MIME, RFC 2045 to 2047).
#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/ports/courier.h"
#include "daemon/couriers/mail_address.h"

namespace countersign::couriers {

// Headers: From, To, Subject, Date, Message-ID, MIME-Version, Auto-Submitted (RFC 3834: machines
// don't answer). Text, with an HTML part if there is one, quoted-printable; lines end with CRLF and
// have at most 76 octets. message.to is an address that require_mail_address took; no header can be
// ended by what stands in it.
[[nodiscard]] Secret mail_text(const Message& message, const Mailbox& from, Time now,
                               Random& random);

// RFC 2047 encoded words where it is not plain ASCII; ends of lines and other control characters
// become spaces.
[[nodiscard]] std::string header_text(std::string_view text);
void append_quoted_printable(std::string& out, std::string_view text);

}  // namespace countersign::couriers
