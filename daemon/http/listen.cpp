// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/listen.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include "core/base/text.h"

namespace countersign {
namespace {

constexpr int backlog = 1024;

std::unexpected<Error> failed(const std::string& path, std::string_view what) {
  return fail(Code::unavailable,
              fmt::format("can't listen at {}: {}: {}", path, what, std::strerror(errno)));
}

Result<void> clear_the_way(const std::string& path, const sockaddr_un& address) {
  struct stat there{};
  if (lstat(path.c_str(), &there) != 0)
    return errno == ENOENT ? Result<void>() : failed(path, "can't look there");
  if (!S_ISSOCK(there.st_mode))
    return fail(
        Code::exists,
        fmt::format("{} is there and is not a socket: choose another path, or remove it", path));
  if (there.st_uid != geteuid())
    return fail(
        Code::not_permitted,
        fmt::format("the socket {} belongs to uid {}: choose another path", path, there.st_uid));
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN)
    return fail(Code::exists, fmt::format("another daemon answers at {}", path));
  if (unlink(path.c_str()) != 0) return failed(path, "can't remove the socket that is left there");
  return {};
}

}  // namespace

Result<Descriptor> listen_at(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Code::invalid, fmt::format("the socket's path must have 1 to {} characters: {}",
                                           sizeof address.sun_path - 1, path));
  path.copy(address.sun_path, path.size());
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && std::filesystem::create_directory(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms(0755), error);
  TRY(clear_the_way(path, address));
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed(path, "bind");
  if (chmod(path.c_str(), 0666) != 0 || ::listen(socket.get(), backlog) != 0)
    return failed(path, "listen");
  return socket;
}

namespace {

struct Address {
  sockaddr_storage value{};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&value); }
};

std::optional<Address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  if (colon == std::string::npos) return std::nullopt;
  const char *begin = text.data() + colon + 1, *end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(begin, end, port);
      error != std::errc() || stop != end || port > 65535)
    return std::nullopt;
  std::string host = text.substr(0, colon);
  Address out;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto* six = reinterpret_cast<sockaddr_in6*>(&out.value);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(static_cast<std::uint16_t>(port));
    out.size = sizeof *six;
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six->sin6_addr) == 1
               ? std::optional(out)
               : std::nullopt;
  }
  auto* four = reinterpret_cast<sockaddr_in*>(&out.value);
  four->sin_family = AF_INET;
  four->sin_port = htons(static_cast<std::uint16_t>(port));
  out.size = sizeof *four;
  return inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1 ? std::optional(out) : std::nullopt;
}

}  // namespace

Result<TcpSocket> listen_tcp(const std::string& text) {
  const auto address = parse_address(text);
  if (!address)
    return fail(Code::invalid,
                fmt::format("'{}' is not an address and port such as 127.0.0.1:8001 or [::1]:8001",
                            escape_text(text)));
  TcpSocket out{
      .socket = Descriptor(::socket(address->value.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      .version_6 = address->value.ss_family == AF_INET6};
  const int yes = 1;
  if (!out.socket || setsockopt(out.socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
    return failed(text, "socket");
  if (out.version_6 &&
      setsockopt(out.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) != 0)
    return failed(text, "socket");
  if (bind(out.socket.get(), address->raw(), address->size) != 0) return failed(text, "bind");
  if (::listen(out.socket.get(), backlog) != 0) return failed(text, "listen");
  return out;
}

std::string bound_to(const TcpSocket& socket) {
  Address address;
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (getsockname(socket.socket.get(), reinterpret_cast<sockaddr*>(&address.value),
                  &address.size) != 0)
    return {};
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&address.value);
  const auto* four = reinterpret_cast<const sockaddr_in*>(&address.value);
  const void* number =
      socket.version_6 ? static_cast<const void*>(&six->sin6_addr) : &four->sin_addr;
  (void)inet_ntop(address.value.ss_family, number, host.data(), host.size());
  const std::uint16_t port = ntohs(socket.version_6 ? six->sin6_port : four->sin_port);
  return socket.version_6 ? fmt::format("[{}]:{}", host.data(), port)
                          : fmt::format("{}:{}", host.data(), port);
}

std::vector<int> handed_over_sockets() {
  std::vector<int> sockets;
  const int count = sd_listen_fds(1);
  for (int i = 0; i < count; ++i)
    if (sd_is_socket_unix(SD_LISTEN_FDS_START + i, SOCK_STREAM, 1, nullptr, 0) > 0)
      sockets.push_back(SD_LISTEN_FDS_START + i);
  return sockets;
}

}  // namespace countersign
