// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over Unix sockets: accepts, limits, reads, hands to the router, writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "daemon/http/doorkeeper.h"
#include "daemon/http/loop.h"
#include "daemon/http/router.h"

namespace countersign::http {

// T14: what one uid, and all together, may hold of the daemon.
struct Limits {
  std::size_t connections = 1024;
  std::size_t connections_per_uid = 256;
  std::size_t connections_per_address = 64;            // over TCP
  std::size_t reserved_for_root = 16;                  // of all connections
  std::size_t reserved_for_verifiers = 64;             // of all connections; root has these, too
  std::size_t request_bytes = 64 * 1024;               // body
  std::size_t admin_request_bytes = 32 * 1024 * 1024;  // a metadata BLOB
  // From a request's first byte to its last; as long for an answer to be read.
  std::chrono::seconds request_time{10};
  std::chrono::seconds idle_time{300};  // between requests
};

// All calls on the loop's thread.
class Server {
 public:
  Server(Loop& loop, const Router& router, const Doorkeeper& doorkeeper, Limits limits);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void listen(int listening_socket);  // takes ownership of the descriptor
  // The same over TCP: these callers are nobody (Peer's default), and are refused whatever asks for
  // a privilege.
  void listen_tcp(int listening_socket, bool version_6);
  // Accepts no more, closes what is idle, lets what is in flight finish, then calls done.
  void finish(std::function<void()> done);
  void close_all();  // also what is in flight

  struct Core;

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace countersign::http
