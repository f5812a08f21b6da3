// SPDX-License-Identifier: Apache-2.0
// Private to this folder: one connection, and what the server keeps of all of them.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "daemon/http/server.h"

namespace countersign::http {

class Session;

// Loop thread only.
struct Server::Core {
  Loop& loop;
  const Router& router;
  const Doorkeeper& doorkeeper;
  Limits limits;
  std::list<boost::asio::local::stream_protocol::acceptor> acceptors = {};
  std::list<boost::asio::ip::tcp::acceptor> tcp_acceptors = {};
  std::list<Session*> sessions = {};
  std::map<std::uint32_t, std::size_t> per_uid = {};
  std::size_t total = 0;
  bool finishing = false;
  std::function<void()> done = {};

  [[nodiscard]] bool take_place(std::uint32_t uid);
  void give_place(std::uint32_t uid);
};

// Reads a request, hands it over, writes the response, and so on; alive as long as an operation holds it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  Session(std::shared_ptr<Server::Core> core, Socket socket, Peer peer);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const Peer& peer() const { return peer_; }
  void set_login(std::string login) { peer_.login = std::move(login); }
  void start();
  void sweep(std::chrono::steady_clock::time_point now);  // closes what has been too slow
  void close_when_idle();
  void send(Response response);  // any thread; exactly once per request

  // For a Stream: loop thread.
  void stream_line(std::string json);
  void stream_end(Response response);
  void when_gone(std::move_only_function<void()> task);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  void read();
  void on_read(const boost::system::error_code& error);
  void handle();
  [[nodiscard]] std::function<void(std::move_only_function<void()>)> worker();
  [[nodiscard]] std::function<void(std::move_only_function<void()>)> poster();
  void stream();
  void write(Response response);
  void on_written(const boost::system::error_code& error);
  void write_lines();
  void watch_caller();
  void caller_gone();
  void wipe_request();
  void close();

  std::shared_ptr<Server::Core> core_;
  Socket socket_;
  Peer peer_;
  std::list<Session*>::iterator place_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  const Route* route_ = nullptr;
  api::Texts texts_;
  std::string head_;
  Response response_;
  bool keep_alive_ = true;
  bool handling_ = false;
  // While a route streams.
  bool stream_begun_ = false;  // the head is out
  bool stream_ended_ = false;
  bool writing_lines_ = false;
  std::deque<std::string> lines_;  // chunks to be written; the first one is being
  std::move_only_function<void()> gone_;
  std::chrono::steady_clock::time_point since_;               // when this read began
  std::optional<std::chrono::steady_clock::time_point> begun_;  // when a sweep first saw bytes of this request
};

}  // namespace countersign::http
