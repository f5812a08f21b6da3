// SPDX-License-Identifier: Apache-2.0
// The blocking client that the command line and PAM share: HTTP over the daemon's Unix socket.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/base/deadline.h"
#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "daemon/client/socket_place.h"

namespace countersign::client {

// Where the system's daemon listens.
inline constexpr const char* system_socket = "/run/countersign/api.sock";

struct Answer {
  int status = 0;
  std::string body;
};

// One connection, one thread. Closed when it goes.
class Client {
 public:
  // unavailable: nothing answers at this path. not_permitted: something does, but it is neither
  // root's, nor the service's, nor the caller's own: a trap, or the wrong path (T15).
  [[nodiscard]] static Result<Client> connect(const std::string& path);
  // For callers that have to know why: unavailable means that nobody listens there, and nothing
  // else does. timed_out: the daemon takes no connection before the deadline. internal: this
  // process can't connect.
  [[nodiscard]] static Result<Client> connect(const std::string& path, Trust trust,
                                              const Deadline& deadline);
  // method: "GET"; target: path and query, percent-encoded. timed_out when the deadline passes,
  // unavailable when the daemon goes away. on_event: of routes that stream, each line before the
  // last one, as it comes; the last one is the answer. Returning false ends the call (cancelled):
  // the daemon sees the connection close.
  using OnEvent = std::function<bool(std::string_view json)>;
  [[nodiscard]] Result<Answer> call(std::string_view method, std::string_view target,
                                    std::string_view body, const Deadline& deadline,
                                    const OnEvent& on_event = {});

 private:
  explicit Client(Descriptor socket) : socket_(std::move(socket)) {}
  struct NotOpen {
    int error = 0;        // errno
    bool nobody = false;  // nobody listens there
  };
  // No deadline: as long as it takes.
  [[nodiscard]] static std::expected<Client, NotOpen> open(const std::string& path,
                                                           const Deadline* deadline);
  [[nodiscard]] Result<void> require_peer(const std::string& path, Trust trust) const;
  Descriptor socket_;
};

// For paths and queries (RFC 3986 unreserved characters stay).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace countersign::client
