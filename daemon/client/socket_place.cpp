// SPDX-License-Identifier: Apache-2.0
#include "daemon/client/socket_place.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace countersign::client {
namespace {

constexpr const char* service_user = "countersign";

// No entry, or an error: nobody.
bool is_service(std::uint32_t uid) {
  std::array<char, 16384>
      room;  // a local entry; one of the network that is longer is not the service's
  passwd entry{};
  passwd* found = nullptr;
  return getpwnam_r(service_user, &entry, room.data(), room.size(), &found) == 0 &&
         found != nullptr && found->pw_uid == uid;
}

std::unexpected<Error> refuse(const std::string& path, const std::string& what) {
  return fail(Code::not_permitted, path + " " + what + ": nothing was sent to the daemon there");
}

Result<struct stat> look(const std::string& path) {
  struct stat there{};
  if (lstat(path.c_str(), &there) == 0) return there;
  if (errno == ENOENT || errno == ENOTDIR)
    return fail(Code::unavailable, "nothing is at " + path + ": is countersignd running?");
  return fail(Code::internal, "can't look at " + path + ": errno " + std::to_string(errno));
}

Result<void> require_folder(const std::string& path, Trust trust) {
  const auto there = TRY(look(path));
  // A link can be followed by who reads this, not by us: its owner could turn it.
  if (!S_ISDIR(there.st_mode) && !(S_ISLNK(there.st_mode) && there.st_uid == 0))
    return refuse(path, "is no folder");
  if (!trusted(there.st_uid, trust))
    return refuse(path, "belongs to uid " + std::to_string(there.st_uid));
  if (S_ISDIR(there.st_mode) && (there.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
      (there.st_mode & S_ISVTX) == 0)
    return refuse(path, "can be written by others");
  return {};
}

}  // namespace

bool trusted(std::uint32_t uid, Trust trust) {
  if (uid == 0) return true;
  switch (trust) {
    case Trust::service:
      return is_service(uid);
    case Trust::service_or_own:
      return uid == geteuid() || is_service(uid);
  }
  return false;
}

Result<void> require_safe_place(const std::string& path, Trust trust) {
  if (!path.starts_with('/'))
    return fail(Code::invalid, "the path of the daemon's socket must begin with /");
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    TRY(require_folder(path.substr(0, slash), trust));
  const auto there = TRY(look(path));
  if (!S_ISSOCK(there.st_mode)) return refuse(path, "is no socket");
  if (!trusted(there.st_uid, trust))
    return refuse(path, "belongs to uid " + std::to_string(there.st_uid));
  return {};
}

}  // namespace countersign::client
