// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/peer.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace countersign::http {

bool read_peer(int socket, Peer& peer) {
  ucred credentials{.pid = 0, .uid = 0xFFFFFFFFU, .gid = 0xFFFFFFFFU};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
      size != sizeof credentials)
    return false;
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
  peer.process = Process::of_peer(socket, peer.pid);
  peer.groups.assign(groups.begin(), groups.end());
  return true;
}

namespace {

// What getpwnam(3) says when there is no such name, in the ways that databases have of it.
bool none_there(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

// ask(entry, buffer, found): one of the getpw..._r; with more room as long as it asks for more.
Result<std::optional<Account>> ask_system(auto&& ask) {
  for (std::size_t room = 4096; room <= 4096U * 1024; room *= 4) {
    std::vector<char> buffer(room);
    passwd entry{};
    passwd* found = nullptr;
    const int error = ask(&entry, std::span(buffer), &found);
    if (found != nullptr) return Account{.name = found->pw_name, .uid = found->pw_uid};
    if (none_there(error)) return std::nullopt;
    if (error != ERANGE) break;
  }
  return fail(Code::unavailable,
              "the system's user database can't say now which account this is; try again");
}

Result<std::optional<Account>> account_of(std::uint32_t uid) {
  return ask_system([&](passwd* entry, std::span<char> buffer, passwd** into) {
    return getpwuid_r(uid, entry, buffer.data(), buffer.size(), into);
  });
}

}  // namespace

std::string login_of(std::uint32_t uid) {
  const auto found = account_of(uid);
  return found && *found ? (*found)->name : std::string();
}

Result<std::optional<Account>> account_named(const std::string& name) {
  auto found = ask_system([&](passwd* entry, std::span<char> buffer, passwd** into) {
    return getpwnam_r(name.c_str(), entry, buffer.data(), buffer.size(), into);
  });
  if (!found || !*found) return found;
  auto canonical = account_of((*found)->uid);
  return canonical && !*canonical ? found : canonical;
}

bool account_in_group(const std::string& name, std::uint32_t group) {
  gid_t own = 0;
  const auto found = ask_system([&](passwd* entry, std::span<char> buffer, passwd** into) {
    const int error = getpwnam_r(name.c_str(), entry, buffer.data(), buffer.size(), into);
    if (*into != nullptr) own = entry->pw_gid;
    return error;
  });
  if (!found) return true;  // it can't be told
  if (!*found) return false;
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (getgrouplist(name.c_str(), own, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    if (getgrouplist(name.c_str(), own, groups.data(), &count) < 0)
      return true;  // grew meanwhile: not to be told
  }
  groups.resize(static_cast<std::size_t>(count));
  return std::ranges::find(groups, group) != groups.end();
}

}  // namespace countersign::http
