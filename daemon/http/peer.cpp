// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/peer.h"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <array>

namespace countersign::http {

bool read_peer(int socket, Peer& peer) {
  ucred credentials{.pid = 0, .uid = 0xFFFFFFFFU, .gid = 0xFFFFFFFFU};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || size != sizeof credentials) return false;
  if (credentials.uid == 0xFFFFFFFFU) return false;
  std::vector<gid_t> groups(64);
  size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  while (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) {
    if (errno != ERANGE || size / sizeof(gid_t) <= groups.size()) return false;
    groups.resize(size / sizeof(gid_t));
  }
  groups.resize(size / sizeof(gid_t));
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = static_cast<std::uint32_t>(credentials.pid);
  peer.groups.assign(groups.begin(), groups.end());
  return true;
}

std::string login_of(std::uint32_t uid) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_name;
}

}  // namespace countersign::http
