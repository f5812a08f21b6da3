// SPDX-License-Identifier: Apache-2.0
// Writes to the system log without ever waiting.
#pragma once

#include <string_view>

namespace countersign::pam {

// Writes one line to authpriv, as syslog(3) would. While the log's queue is full, syslog(3) blocks
// and with it every login; here the line is dropped. Escape text from outside.
void log_line(int priority, std::string_view text);

}  // namespace countersign::pam
