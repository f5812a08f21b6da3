// SPDX-License-Identifier: Apache-2.0
// Lines for the system's log that no login ever waits for.
#pragma once

#include <string_view>

namespace countersign::pam {

// One line to authpriv, as syslog(3) would write it. syslog waits as long as the log's queue is
// full, and with it every login; here the line is lost. Text from outside must be escaped.
void log_line(int priority, std::string_view text);

}  // namespace countersign::pam
