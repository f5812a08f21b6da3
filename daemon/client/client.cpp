// SPDX-License-Identifier: Apache-2.0
#include "daemon/client/client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace countersign::client {
namespace {

namespace http = boost::beast::http;

constexpr std::uint64_t largest_answer = 64 * 1024 * 1024;

Error unreachable(const std::string& path, int error) {
  return {Code::unavailable,
          fmt::format("no daemon answers at {}: {}. Start it (systemctl start countersignd; or "
                      "countersignd --state "
                      "DIR --socket PATH), or name its socket with --socket or COUNTERSIGN_SOCKET",
                      path, std::strerror(error))};
}

Result<void> wait_for(int socket, short events, const Deadline& deadline) {
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  while (true) {
    const int ready = poll(&waiting, 1, static_cast<int>(deadline.left().count()));
    if (ready > 0) return {};
    if (ready == 0) return fail(Code::timed_out, "the daemon did not answer in time");
    if (errno != EINTR) return fail(Code::unavailable, "the connection to the daemon broke");
    if (deadline.passed()) return fail(Code::timed_out, "the daemon did not answer in time");
  }
}

Result<void> send_all(int socket, std::string_view data, const Deadline& deadline) {
  while (!data.empty()) {
    const ssize_t sent = send(socket, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
      data.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN) {
      TRY(wait_for(socket, POLLOUT, deadline));
    } else if (errno == EPIPE || errno == ECONNRESET)
      return {};  // it may have answered before it closed: read that
    else if (errno != EINTR || deadline.passed())
      return fail(Code::unavailable, "the connection to the daemon broke");
  }
  return {};
}

constexpr std::string_view event = R"({"event":)";
constexpr std::string_view late = R"({"event":"problem",)";

// Takes the events that are complete; what stays is the answer, or its beginning.
bool take_events(std::string& body, const Client::OnEvent& on_event) {
  while (body.starts_with(event) && !body.starts_with(late)) {
    const std::size_t end = body.find('\n');
    if (end == std::string::npos) return true;
    const std::string line = body.substr(0, end);
    body.erase(0, end + 1);
    if (on_event && !on_event(line)) return false;
  }
  return true;
}

// A stream that began well can still end in a problem, which then has no status line of its own.
Answer last_line(int status, std::string body) {
  if (body.ends_with('\n')) body.pop_back();
  if (!body.starts_with(late)) return {status, std::move(body)};
  return {500, "{" + body.substr(late.size())};
}

Result<void> require_length(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
    return fail(Code::invalid, "the path of the daemon's socket is too long");
  return {};
}

}  // namespace

std::expected<Client, Client::NotOpen> Client::open(const std::string& path,
                                                    const Deadline* deadline) {
  sockaddr_un address{.sun_family = AF_UNIX};
  path.copy(address.sun_path, path.size());
  Client client(Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  if (!client.socket_) return std::unexpected(NotOpen{.error = errno});
  while (true) {
    if (deadline != nullptr) {  // a daemon with a full backlog keeps who connects waiting
      const auto left = std::max(deadline->left(), std::chrono::milliseconds(1));
      const timeval limit{.tv_sec = left.count() / 1000, .tv_usec = left.count() % 1000 * 1000};
      if (setsockopt(client.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
        return std::unexpected(NotOpen{.error = errno});
    }
    if (::connect(client.socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) == 0)
      return client;
    const int error = errno;
    if (error != EINTR || (deadline != nullptr && deadline->passed()))
      return std::unexpected(
          NotOpen{.error = error, .nobody = error == ECONNREFUSED || error == ENOENT});
  }
}

Result<void> Client::require_peer(const std::string& path, Trust trust) const {
  ucred peer{.pid = 0, .uid = 0xFFFFFFFFU, .gid = 0xFFFFFFFFU};
  socklen_t size = sizeof peer;
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      !trusted(peer.uid, trust))
    return fail(Code::not_permitted,
                fmt::format("what answers at {} belongs to uid {}, which is neither root, nor the "
                            "service{}: nothing was sent there",
                            path, static_cast<std::int64_t>(static_cast<std::int32_t>(peer.uid)),
                            trust == Trust::service ? "" : ", nor you"));
  return {};
}

Result<Client> Client::connect(const std::string& path) {
  TRY(require_length(path));
  auto client = open(path, nullptr);
  if (!client) return std::unexpected(unreachable(path, client.error().error));
  TRY(client->require_peer(path, Trust::service_or_own));
  return std::move(*client);
}

Result<Client> Client::connect(const std::string& path, Trust trust, const Deadline& deadline) {
  TRY(require_length(path));
  TRY(require_safe_place(path, trust));
  auto client = open(path, &deadline);
  if (!client) {
    const auto [error, nobody] = client.error();
    if (nobody) return std::unexpected(unreachable(path, error));
    return fail(error == EAGAIN || error == EINTR ? Code::timed_out : Code::internal,
                fmt::format("can't connect to {}: {}", path, std::strerror(error)));
  }
  TRY(client->require_peer(path, trust));
  return std::move(*client);
}

Result<Answer> Client::call(std::string_view method, std::string_view target, std::string_view body,
                            const Deadline& deadline, const OnEvent& on_event) {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: countersign\r\n", method, target);
  if (method != "GET")
    request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  request += "\r\n";
  request += body;
  const Result<void> sent = send_all(socket_.get(), request, deadline);
  explicit_bzero(request.data(), request.size());
  if (!sent) return std::unexpected(sent.error());

  http::response_parser<http::string_body> parser;
  parser.body_limit(largest_answer);
  parser.eager(true);
  std::string received;
  bool streams = false;
  std::array<char, 16384> chunk;
  while (!parser.is_done()) {
    TRY(wait_for(socket_.get(), POLLIN, deadline));
    const ssize_t size = recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EINTR || errno == EAGAIN) && !deadline.passed()) continue;
    boost::system::error_code error;
    if (size <= 0) {
      if (parser.got_some()) parser.put_eof(error);
      if (!parser.is_done())
        return fail(Code::unavailable, "the daemon closed the connection without an answer");
      break;
    }
    received.append(chunk.data(), static_cast<std::size_t>(size));
    const std::size_t used = parser.put(boost::asio::buffer(received), error);
    if (error && error != http::error::need_more)
      return fail(Code::corrupt, "what answers is not Countersign: " + error.message());
    received.erase(0, used);
    streams = parser.is_header_done() &&
              parser.get()[http::field::content_type] == "application/x-ndjson";
    if (streams && !take_events(parser.get().body(), on_event))
      return fail(Code::cancelled, "cancelled");
  }
  const int status = static_cast<int>(parser.get().result_int());
  return streams ? last_line(status, std::move(parser.get().body()))
                 : Answer{status, std::move(parser.get().body())};
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    if (unreserved)
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace countersign::client
