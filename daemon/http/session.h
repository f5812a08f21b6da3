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
#include "daemon/http/turns.h"

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
  std::map<std::string, std::size_t> per_source = {};  // by uid; over TCP by address
  std::size_t roots = 0;
  std::size_t verifiers = 0;
  std::size_t total = 0;
  bool finishing = false;
  std::function<void()> done = {};
  Turns turns{loop};

  [[nodiscard]] bool take_place(const Peer& peer);
  void give_place(const Peer& peer);
  [[nodiscard]] bool room_for(const Peer& peer) const;
  // By uid or group, as the configuration names them: no user is looked up.
  [[nodiscard]] bool is_verifier(const Peer& peer) const;
  [[nodiscard]] static std::string source_of(const Peer& peer);
};

// Reads a request, hands it over, writes the response, and so on; alive as long as an operation
// holds it.
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
  void close_now();  // whatever it is doing
  // Any thread; exactly once per request.
  static void send(std::shared_ptr<Session> session, Response response);

  // For a Stream: loop thread.
  void stream_line(std::string json);
  void stream_end(Response response);
  void when_gone(std::move_only_function<void()> task);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class State { idle, reading, handling, streaming, writing };
  void enter(State state);
  void allow(std::chrono::seconds time);  // from now on, until the next enter
  void read();
  void receive();
  void receive_in_turn();
  void received(const boost::system::error_code& error, std::size_t count);
  [[nodiscard]] boost::asio::mutable_buffer room();
  void parse();
  [[nodiscard]] bool parse_buffered();  // false: refused
  [[nodiscard]] bool parse_head();
  [[nodiscard]] bool too_many_fields() const;
  void refuse(int status, std::string why);
  void handle();
  [[nodiscard]] std::function<void(std::move_only_function<void()>)> worker();
  [[nodiscard]] std::function<void(std::move_only_function<void()>)> poster();
  void stream();
  void write(Response response);
  void on_written(const boost::system::error_code& error);
  void push_line(std::string line);
  void write_lines();
  void watch_caller();
  [[nodiscard]] bool hung_up();
  void caller_gone();
  void give_up();
  void wipe_request();
  void close();

  std::shared_ptr<Server::Core> core_;
  Socket socket_;
  Peer peer_;
  std::list<Session*>::iterator place_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::size_t octets_ = 0;  // of this request: head, body and what chunks add
  std::size_t most_octets_ = 0;
  bool head_read_ = false;
  std::string_view authorization_;  // of the head; a trailer can't set it
  const Route* route_ = nullptr;
  api::Texts texts_;
  std::string head_;
  Response response_;
  bool keep_alive_ = true;
  bool takes_turns_ = false;  // who speaks for themselves; anybody else is served at once
  State state_ = State::idle;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // of this state
  // While a route streams.
  bool stream_begun_ = false;  // the head is out
  bool stream_ended_ = false;
  bool writing_lines_ = false;
  std::deque<std::string> lines_;  // chunks to be written; the first one is being
  std::size_t octets_unread_ = 0;  // of all lines
  std::move_only_function<void()> gone_;
  bool caller_gone_ = false;
};

}  // namespace countersign::http
