// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/log.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <string>

#include "core/base/text.h"

namespace countersign::pam {
namespace {

constexpr sockaddr_un log_socket{.sun_family = AF_UNIX, .sun_path = "/dev/log"};
constexpr std::size_t longest = 4096;
constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 3164: "Nov 30 19:05:07 ", in English whatever the locale. Optional for receivers.
std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (localtime_r(&now, &local) == nullptr) return {};
  return fmt::format("{} {:2} {:02}:{:02}:{:02} ", months[static_cast<std::size_t>(local.tm_mon)],
                     local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
}

}  // namespace

void log_line(int priority, std::string_view text) {
  const std::string line =
      fmt::format("<{}>{}{}[{}]: {}", LOG_AUTHPRIV | priority, timestamp(),
                  escape_text(program_invocation_short_name), getpid(), text.substr(0, longest));
  const int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (out < 0) return;
  (void)sendto(out, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&log_socket), sizeof log_socket);
  (void)close(out);
}

}  // namespace countersign::pam
