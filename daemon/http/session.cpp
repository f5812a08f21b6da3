// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/session.h"

#include <fmt/format.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <exception>

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace countersign::http {
namespace {

constexpr std::uint32_t header_bytes = 16 * 1024;

// What a handler answers through. A handler that loses it has failed, and the caller is told so.
class Reply {
 public:
  explicit Reply(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  Reply(Reply&& other) = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply() {
    if (session_) session_->send(problem({Code::internal, "the daemon lost this request; please report it"}));
  }
  void operator()(Response response) { std::exchange(session_, nullptr)->send(std::move(response)); }

 private:
  std::shared_ptr<Session> session_;
};

// What a streaming handler answers through. The same holds: let go without an end, it says so.
class SessionStream final : public Stream {
 public:
  explicit SessionStream(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  ~SessionStream() override {
    if (session_) fail({Code::internal, "the daemon lost this request; please report it"});
  }
  SessionStream(const SessionStream&) = delete;
  SessionStream& operator=(const SessionStream&) = delete;
  void event(std::string json) override {
    if (!session_) return;
    begun_ = true;
    session_->stream_line(std::move(json));
  }
  void finish(std::string json) override {
    json += '\n';
    end({.status = 200, .body = std::move(json), .media = Media::lines});
  }
  void fail(const Error& error) override {
    if (begun_) finish(problem_line(error));
    else end(problem(error));
  }
  void when_gone(std::move_only_function<void()> task) override {
    if (session_) session_->when_gone(std::move(task));
  }

 private:
  void end(Response response) {
    if (session_) std::exchange(session_, nullptr)->stream_end(std::move(response));
  }
  std::shared_ptr<Session> session_;
  bool begun_ = false;
};

constexpr std::size_t most_lines_unread = 256;

std::string_view name_of(Media media) {
  switch (media) {
    case Media::json: return "application/json";
    case Media::problem: return "application/problem+json";
    case Media::lines: return "application/x-ndjson";
    case Media::text: return "text/plain; charset=utf-8";
  }
  std::unreachable();
}

std::string_view reason_of(int status) {
  const auto text = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
  return {text.data(), text.size()};
}

}  // namespace

Session::Session(std::shared_ptr<Server::Core> core, Socket socket, Peer peer)
    : core_(std::move(core)), socket_(std::move(socket)), peer_(std::move(peer)) {
  place_ = core_->sessions.insert(core_->sessions.end(), this);
}

Session::~Session() {
  core_->sessions.erase(place_);
  core_->give_place(peer_.uid);
}

void Session::start() { core_->finishing ? close() : read(); }

void Session::read() {
  parser_.emplace();
  parser_->header_limit(header_bytes);
  const bool large = peer_.uid == 0 || core_->doorkeeper.standing(peer_).admin;
  parser_->body_limit(large ? core_->limits.admin_request_bytes : core_->limits.request_bytes);
  since_ = std::chrono::steady_clock::now();
  begun_.reset();
  beast::http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
    self->on_read(error);
  });
}

void Session::on_read(const boost::system::error_code& error) {
  namespace http = beast::http;
  if (!error) return handle();
  keep_alive_ = false;
  if (error == http::error::body_limit || error == http::error::header_limit) {
    Response response = problem({Code::invalid, "the request is too large"});
    response.status = 413;
    return write(std::move(response));
  }
  const bool spoke = parser_->got_some() && error.category() == http::make_error_code(http::error::end_of_stream).category();
  if (spoke && error != http::error::partial_message) return write(problem({Code::invalid, "this is not HTTP/1.1: " + error.message()}));
  close();
}

void Session::handle() {
  const auto& request = parser_->get();
  keep_alive_ = request.keep_alive() && !core_->finishing;
  handling_ = true;
  const std::string_view method(request.method_string().data(), request.method_string().size());
  Router::Found found = core_->router.find(method, {request.target().data(), request.target().size()});
  if (found.route == nullptr) return write(problem(found.problem));
  route_ = found.route;
  texts_ = std::move(found.texts);
  if (route_->stream) return stream();
  auto run = [self = shared_from_this()]() mutable {
    Session& session = *self;
    const auto& message = session.parser_->get();
    const auto authorization = message[beast::http::field::authorization];
    const RawCall call{.peer = session.peer_,
                       .doorkeeper = session.core_->doorkeeper,
                       .texts = session.texts_,
                       .body = message.body(),
                       .authorization = {authorization.data(), authorization.size()},
                       .work = session.route_->where == Where::loop ? session.worker() : nullptr};
    try {
      session.route_->handle(call, Reply(std::move(self)));
    } catch (const std::exception&) {
      // The reply was dropped on the way and has answered.
    }
  };
  if (route_->where == Where::worker) core_->loop.work(core_->doorkeeper.holder(peer_), std::move(run));
  else run();
}

// A handler that throws has lost its reply or stream, which answers.
std::function<void(std::move_only_function<void()>)> Session::worker() {
  return [this](std::move_only_function<void()> task) {  // like the views of a call
    core_->loop.work(core_->doorkeeper.holder(peer_), [task = std::move(task)]() mutable {
      try {
        task();
      } catch (const std::exception&) {  // NOLINT: said above
      }
    });
  };
}

std::function<void(std::move_only_function<void()>)> Session::poster() {
  return [&loop = core_->loop](std::move_only_function<void()> task) {
    loop.post([task = std::move(task)]() mutable {
      try {
        task();
      } catch (const std::exception&) {  // NOLINT: said above
      }
    });
  };
}

void Session::stream() {
  stream_begun_ = stream_ended_ = false;
  const RawCall call{.peer = peer_,
                     .doorkeeper = core_->doorkeeper,
                     .texts = texts_,
                     .body = parser_->get().body(),
                     .work = worker(),
                     .post = poster()};
  const auto self = shared_from_this();
  watch_caller();
  try {
    route_->stream(call, std::make_shared<SessionStream>(self));
  } catch (const std::exception&) {
    // The stream was dropped on the way and has answered.
  }
  wipe_request();
}

void Session::stream_line(std::string json) {
  if (stream_ended_ || !socket_.is_open()) return;
  if (lines_.size() > most_lines_unread) return caller_gone();
  std::string head;
  if (!std::exchange(stream_begun_, true))
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n";
  lines_.push_back(fmt::format("{}{:x}\r\n{}\n\r\n", head, json.size() + 1, json));
  write_lines();
}

void Session::stream_end(Response response) {
  gone_ = nullptr;
  if (!stream_begun_) {
    stream_ended_ = true;
    return send(std::move(response));
  }
  if (!std::exchange(stream_ended_, true)) lines_.push_back(fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", response.body.size(), response.body));
  write_lines();
}

void Session::write_lines() {
  if (writing_lines_ || lines_.empty()) return;
  writing_lines_ = true;
  asio::async_write(socket_, asio::buffer(lines_.front()), [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
    self->writing_lines_ = false;
    self->lines_.pop_front();
    if (error) return self->caller_gone();
    if (!self->lines_.empty()) return self->write_lines();
    if (self->stream_ended_) self->on_written(error);
  });
}

void Session::when_gone(std::move_only_function<void()> task) {
  gone_ = std::move(task);
  if (!socket_.is_open() || core_->finishing) caller_gone();
}

// Nothing is read while a route streams, so that a closed connection has to be looked for.
void Session::watch_caller() {
  socket_.async_wait(Socket::wait_read, [weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error || !self->handling_ || self->stream_ended_) return;
    char octet = 0;
    if (::recv(self->socket_.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0) return;  // its next request, ahead of time
    self->caller_gone();
  });
}

void Session::caller_gone() {
  keep_alive_ = false;
  if (auto task = std::exchange(gone_, nullptr)) task();
}

void Session::send(Response response) {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(), response = std::move(response)]() mutable {
    // What a route does not declare, it may not say: the document and the daemon stay the same thing.
    const auto& statuses = self->route_->statuses;
    if (std::ranges::find(statuses, response.status) == statuses.end())
      response = problem({Code::internal, fmt::format("a status that this route does not have: {}", response.status)});
    self->write(std::move(response));
  });
}

void Session::write(Response response) {
  wipe_request();
  response_ = std::move(response);
  head_.clear();
  fmt::format_to(std::back_inserter(head_),
                 "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}", response_.status,
                 reason_of(response_.status), name_of(response_.media), response_.body.size(),
                 keep_alive_ ? "" : "Connection: close\r\n");
  for (const auto& [name, value] : response_.headers) head_ += name + ": " + value + "\r\n";
  head_ += "\r\n";
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(response_.body)};
  asio::async_write(socket_, parts, [self = shared_from_this()](const boost::system::error_code& error, std::size_t) { self->on_written(error); });
}

void Session::on_written(const boost::system::error_code& error) {
  if (response_.secret) wipe(response_.body);
  response_ = {};
  handling_ = false;
  if (error || !keep_alive_ || core_->finishing) return close();
  read();
}

void Session::wipe_request() {
  if (!parser_) return;
  const std::size_t size = parser_->get().body().size();
  wipe(parser_->get().body());
  // The body came through the read buffer, which is empty between requests: its front still holds those octets.
  if (buffer_.size() == 0 && size != 0) {
    const auto front = buffer_.prepare(std::min(buffer_.capacity(), size + header_bytes));
    wipe(front.data(), front.size());
  }
}

void Session::sweep(std::chrono::steady_clock::time_point now) {
  if (handling_ || !parser_) return;
  const bool begun = parser_->got_some() || buffer_.size() != 0;
  if (begun && !begun_) begun_ = now;
  if (begun ? now - *begun_ > core_->limits.request_time : now - since_ > core_->limits.idle_time) close();
}

void Session::close_when_idle() {
  keep_alive_ = false;
  if (auto task = std::exchange(gone_, nullptr)) task();  // nobody waits a minute for a touch when the daemon stops
  if (!handling_ && parser_ && !parser_->got_some()) close();
}

void Session::close() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace countersign::http
