// SPDX-License-Identifier: Apache-2.0
// The daemon's sockets: from systemd, or its own.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "daemon/base/safe_file.h"

namespace countersign {

// A listening Unix socket at path, usable by everybody (who the caller is, the kernel says). Its
// folder is made if it is missing. A socket left behind by a dead daemon is replaced; one that
// answers, or that belongs to somebody else, is an error; so is anything that is no socket.
[[nodiscard]] Result<Descriptor> listen_at(const std::string& path);

struct TcpSocket {
  Descriptor socket;
  bool version_6 = false;
};
// "127.0.0.1:8001", "[::1]:8001": a literal address and a port; nothing is looked up. Port 0: any.
[[nodiscard]] Result<TcpSocket> listen_tcp(const std::string& address);
[[nodiscard]] std::string bound_to(const TcpSocket& socket);  // address and port, in the same form

// Sockets that systemd handed over (sd_listen_fds); empty when there are none.
[[nodiscard]] std::vector<int> handed_over_sockets();

}  // namespace countersign
