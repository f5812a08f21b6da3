// SPDX-License-Identifier: Apache-2.0
#include "daemon/listen.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace countersign {
namespace {

constexpr int backlog = 1024;

std::unexpected<Error> failed(const std::string& path, std::string_view what) {
  return fail(Code::unavailable, fmt::format("can't listen at {}: {}: {}", path, what, std::strerror(errno)));
}

Result<void> clear_the_way(const std::string& path, const sockaddr_un& address) {
  struct stat there{};
  if (lstat(path.c_str(), &there) != 0) return errno == ENOENT ? Result<void>() : failed(path, "can't look there");
  if (!S_ISSOCK(there.st_mode)) return fail(Code::exists, fmt::format("{} is there and is no socket: choose another path, or remove it", path));
  if (there.st_uid != geteuid()) return fail(Code::not_permitted, fmt::format("the socket {} belongs to uid {}: choose another path", path, there.st_uid));
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN)
    return fail(Code::exists, fmt::format("another daemon answers at {}", path));
  if (unlink(path.c_str()) != 0) return failed(path, "can't remove the socket that is left there");
  return {};
}

}  // namespace

Result<FileDescriptor> listen_at(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Code::invalid, fmt::format("the socket's path must have 1 to {} characters: {}", sizeof address.sun_path - 1, path));
  path.copy(address.sun_path, path.size());
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && std::filesystem::create_directory(folder, error)) std::filesystem::permissions(folder, std::filesystem::perms(0755), error);
  if (auto clear = clear_the_way(path, address); !clear) return std::unexpected(clear.error());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return failed(path, "bind");
  if (chmod(path.c_str(), 0666) != 0 || ::listen(socket.get(), backlog) != 0) return failed(path, "listen");
  return socket;
}

std::vector<int> handed_over_sockets() {
  std::vector<int> sockets;
  const int count = sd_listen_fds(1);
  for (int i = 0; i < count; ++i)
    if (sd_is_socket_unix(SD_LISTEN_FDS_START + i, SOCK_STREAM, 1, nullptr, 0) > 0) sockets.push_back(SD_LISTEN_FDS_START + i);
  return sockets;
}

}  // namespace countersign
