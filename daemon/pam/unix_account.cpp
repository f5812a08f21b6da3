// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/unix_account.h"

#include <pwd.h>

#include <cerrno>
#include <vector>

namespace countersign::pam {
namespace {

constexpr std::size_t usual_room = 4096;
constexpr std::size_t most_room = 1024 * 1024;

// look: getpwnam_r or getpwuid_r, bound to its key.
Result<std::optional<UnixAccount>> entry_of(auto&& look) {
  for (std::size_t size = usual_room; size <= most_room; size *= 4) {
    std::vector<char> room(size);
    passwd entry{};
    passwd* found = nullptr;
    const int error = look(&entry, room.data(), room.size(), &found);
    if (error == ERANGE) continue;
    if (error == 0 && found != nullptr) return UnixAccount{found->pw_name, found->pw_uid};
    if (error == 0 || error == ENOENT || error == ESRCH) return std::nullopt;
    return fail(Code::internal, "the user database can't be read: errno " + std::to_string(error));
  }
  return fail(Code::internal, "an entry of the user database is longer than 1 MiB");
}

}  // namespace

Result<std::optional<UnixAccount>> unix_account(const std::string& typed) {
  const auto named = entry_of([&](passwd* entry, char* room, std::size_t size, passwd** found) {
    return getpwnam_r(typed.c_str(), entry, room, size, found);
  });
  if (!named || !*named) return named;
  const uid_t uid = (*named)->uid;
  auto account = entry_of([&](passwd* entry, char* room, std::size_t size, passwd** found) {
    return getpwuid_r(uid, entry, room, size, found);
  });
  if (account && !*account)
    return fail(Code::internal, "the user database has a name for uid " + std::to_string(uid) +
                                    ", and no account with that uid");
  return account;
}

}  // namespace countersign::pam
