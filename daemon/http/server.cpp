// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/server.h"

#include <fcntl.h>

#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <list>

#include "daemon/http/session.h"

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;
using Tcp = asio::ip::tcp;

namespace countersign::http {
namespace {

// Who shares one bound: an address, of IPv6 the network that one customer has.
std::string source_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const asio::ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  return asio::ip::make_network_v6(v6, 64).canonical().to_string();
}

// Said to who finds no place, without reading a request.
const std::string& busy() {
  static const std::string response = [] {
    const std::string body = problem({Code::unavailable, "too many connections; try again"}).body;
    return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: "
           "application/problem+json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
  }();
  return response;
}

void say_busy(int socket) {
  (void)::send(socket, busy().data(), busy().size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// TCP peers have no kernel credentials.
void admit(const std::shared_ptr<Server::Core>& core, Tcp::socket socket) {
  if (fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC) != 0) return;
  boost::system::error_code error;
  const Tcp::endpoint from = socket.remote_endpoint(error);
  if (error) return;
  const Peer peer{.address = source_of(from.address())};
  if (!core->take_place(peer)) return say_busy(socket.native_handle());
  std::make_shared<Session>(core, std::move(socket), peer)->start();
}

void admit(const std::shared_ptr<Server::Core>& core, Local::socket socket) {
  if (fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC) != 0)
    return;  // Asio's accept leaves it open for children (T21)
  Peer peer;
  if (!read_peer(socket.native_handle(), peer)) return;
  if (!core->take_place(peer)) return say_busy(socket.native_handle());
  auto session = std::make_shared<Session>(core, std::move(socket), std::move(peer));
  if (session->peer().uid == 0) return session->start();
  // The name behind the uid may come from a network directory.
  core->loop.work(core->doorkeeper.holder(session->peer()), [core, session]() mutable {
    std::string login = core->doorkeeper.login_of(session->peer().uid);
    core->loop.post([session = std::move(session), login = std::move(login)]() mutable {
      session->set_login(std::move(login));
      session->start();
    });
  });
}

template <class Protocol>
void accept_next(const std::shared_ptr<Server::Core>& core,
                 asio::basic_socket_acceptor<Protocol>& acceptor) {
  acceptor.async_accept(
      [core, &acceptor](const boost::system::error_code& error, typename Protocol::socket socket) {
        if (error == asio::error::operation_aborted || core->finishing) return;
        if (!error) admit(core, std::move(socket));
        // Out of descriptors or memory: a pause, not a busy loop.
        if (error)
          return core->loop.work(background, [core, &acceptor] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            core->loop.post([core, &acceptor] { accept_next(core, acceptor); });
          });
        accept_next(core, acceptor);
      });
}

}  // namespace

std::string Server::Core::source_of(const Peer& peer) {
  return peer.address.empty() ? std::to_string(peer.uid) : peer.address;
}

bool Server::Core::is_verifier(const Peer& peer) const {
  return peer.uid != 0 && peer.address.empty() && doorkeeper.verifies(peer);
}

bool Server::Core::room_for(const Peer& peer) const {
  if (peer.uid == 0) return total < limits.connections;
  const std::size_t without_root =
      limits.connections - std::min(limits.reserved_for_root, limits.connections);
  if (total - roots >= without_root) return false;
  const std::size_t for_all = without_root - std::min(limits.reserved_for_verifiers, without_root);
  return is_verifier(peer) || total - roots - verifiers < for_all;
}

bool Server::Core::take_place(const Peer& peer) {
  if (!room_for(peer)) return false;
  const std::size_t share =
      peer.address.empty() ? limits.connections_per_uid : limits.connections_per_address;
  std::size_t& taken = per_source[source_of(peer)];
  if (taken >= share) return false;
  ++taken;
  ++total;
  if (peer.uid == 0) ++roots;
  if (is_verifier(peer)) ++verifiers;
  return true;
}

void Server::Core::give_place(const Peer& peer) {
  --total;
  if (peer.uid == 0) --roots;
  if (is_verifier(peer)) --verifiers;
  const auto found = per_source.find(source_of(peer));
  if (--found->second == 0) per_source.erase(found);
  if (finishing && total == 0 && done) std::exchange(done, nullptr)();
}

Server::Server(Loop& loop, const Router& router, const Doorkeeper& doorkeeper, Limits limits)
    : core_(new Core{.loop = loop, .router = router, .doorkeeper = doorkeeper, .limits = limits}) {
  loop.every(std::chrono::seconds(1), [core = core_] {
    const auto now = std::chrono::steady_clock::now();
    // A session may leave the list while it is looked at.
    for (auto session = core->sessions.begin(); session != core->sessions.end();)
      (*session++)->sweep(now);
  });
}

Server::~Server() = default;

void Server::listen(int listening_socket) {
  core_->acceptors.emplace_back(core_->loop.context(), Local(), listening_socket);
  accept_next(core_, core_->acceptors.back());
}

void Server::listen_tcp(int listening_socket, bool version_6) {
  core_->tcp_acceptors.emplace_back(core_->loop.context(), version_6 ? Tcp::v6() : Tcp::v4(),
                                    listening_socket);
  accept_next(core_, core_->tcp_acceptors.back());
}

void Server::finish(std::function<void()> done) {
  core_->finishing = true;
  core_->done = std::move(done);
  for (auto& acceptor : core_->acceptors) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
  for (auto& acceptor : core_->tcp_acceptors) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
  for (auto session = core_->sessions.begin(); session != core_->sessions.end();)
    (*session++)->close_when_idle();
  if (core_->total == 0 && core_->done) std::exchange(core_->done, nullptr)();
}

void Server::close_all() {
  for (auto session = core_->sessions.begin(); session != core_->sessions.end();)
    (*session++)->close_now();
}

}  // namespace countersign::http
