// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace countersign::http {

// Who is at the other end of a connection, as the kernel says it (SO_PEERCRED, SO_PEERGROUPS): the credentials of
// the process that connected, at the moment it did. Nothing that a request carries changes it (T12).
struct Peer {
  std::uint32_t uid = 0xFFFFFFFFU;
  std::uint32_t gid = 0xFFFFFFFFU;
  std::uint32_t pid = 0;
  std::vector<std::uint32_t> groups;
  std::string login;  // the uid's name in the system's user database; empty when it has none
};

// False when the kernel does not tell: such a connection is dropped.
[[nodiscard]] bool read_peer(int socket, Peer& peer);
// May ask the network (NSS): for worker threads.
[[nodiscard]] std::string login_of(std::uint32_t uid);

}  // namespace countersign::http
