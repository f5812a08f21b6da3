// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/session.h"

#include <fmt/format.h>
#include <poll.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <exception>

#include "daemon/http/framing.h"

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace countersign::http {
namespace {

constexpr std::uint32_t header_bytes = 16 * 1024;
constexpr std::size_t read_bytes = 4096;
constexpr std::size_t most_fields = 128;  // each takes far more memory than its octets

// What a handler answers through. A handler that loses it has failed, and the caller is told so.
class Reply {
 public:
  explicit Reply(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  Reply(Reply&& other) = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply() {
    if (session_)
      Session::send(std::move(session_),
                    problem({Code::internal, "the daemon lost this request; please report it"}));
  }
  void operator()(Response response) {
    Session::send(std::exchange(session_, nullptr), std::move(response));
  }

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
    if (begun_)
      finish(problem_line(error));
    else
      end(problem(error));
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
constexpr std::size_t most_octets_unread = 256 * 1024;

std::string_view name_of(Media media) {
  switch (media) {
    case Media::json:
      return "application/json";
    case Media::problem:
      return "application/problem+json";
    case Media::lines:
      return "application/x-ndjson";
    case Media::text:
      return "text/plain; charset=utf-8";
  }
  std::unreachable();
}

std::string_view reason_of(int status) {
  const auto text = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
  return {text.data(), text.size()};
}

}  // namespace

Session::Session(std::shared_ptr<Server::Core> core, Socket socket, Peer peer)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      buffer_(header_bytes + read_bytes) {
  buffer_.reserve(read_bytes);
  place_ = core_->sessions.insert(core_->sessions.end(), this);
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
}

Session::~Session() {
  core_->sessions.erase(place_);
  core_->give_place(peer_);
}

void Session::start() { core_->finishing ? close() : read(); }

// Handlers see to their own end; what they wait for at the caller's end has a limit here.
void Session::enter(State state) {
  state_ = state;
  deadline_.reset();
  if (state == State::idle) allow(core_->limits.idle_time);
  if (state == State::reading || state == State::writing) allow(core_->limits.request_time);
}

void Session::allow(std::chrono::seconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
}

void Session::read() {
  parser_.emplace();
  parser_->header_limit(header_bytes);
  const Standing standing = core_->doorkeeper.standing(peer_);
  takes_turns_ = standing.share() == Share::own;
  const bool large = standing.admin;
  const std::size_t body = large ? core_->limits.admin_request_bytes : core_->limits.request_bytes;
  parser_->body_limit(body);
  most_octets_ = header_bytes + body + body / 16;
  octets_ = 0;
  head_read_ = caller_gone_ = false;
  authorization_ = {};
  enter(buffer_.size() == 0 ? State::idle : State::reading);
  parse();
}

// Not into more than one piece of memory for most requests: what grows leaves secrets behind.
void Session::receive() {
  if (buffer_.size() == buffer_.max_size()) return refuse(413, "the request is too large");
  if (takes_turns_) return receive_in_turn();
  socket_.async_read_some(
      room(), [self = shared_from_this()](const boost::system::error_code& error,
                                          std::size_t count) { self->received(error, count); });
}

void Session::receive_in_turn() {
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& waited) {
                       if (waited) return self->close();
                       self->core_->turns.take(Server::Core::source_of(self->peer_), [self] {
                         boost::system::error_code error;
                         const std::size_t count = self->socket_.read_some(self->room(), error);
                         if (error == asio::error::would_block)
                           self->receive_in_turn();
                         else
                           self->received(error, count);
                       });
                     });
}

asio::mutable_buffer Session::room() {
  const std::size_t spare = buffer_.capacity() - buffer_.size();
  return buffer_.prepare(
      std::min(spare != 0 ? spare : read_bytes, buffer_.max_size() - buffer_.size()));
}

void Session::received(const boost::system::error_code& error, std::size_t count) {
  if (error) return close();
  buffer_.commit(count);
  if (state_ == State::idle) enter(State::reading);
  parse();
}

// What has come, then what is still to come.
void Session::parse() {
  if (!parse_buffered()) return;
  if (parser_->is_done()) return handle();
  const std::size_t most = head_read_ ? most_octets_ : header_bytes;
  if (octets_ + buffer_.size() > most) return refuse(413, "the request is too large");
  receive();
}

bool Session::parse_buffered() {
  namespace http = beast::http;
  boost::system::error_code error;
  while (buffer_.size() != 0 && !parser_->is_done() && !error) {
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    octets_ += used;
    if (error == http::error::body_limit || error == http::error::header_limit)
      return refuse(413, "the request is too large"), false;
    if (error && error != http::error::need_more)
      return refuse(400, "this is not HTTP/1.1: " + error.message()), false;
    if (too_many_fields()) return refuse(431, "the request has too many header fields"), false;
    if (!parse_head()) return false;
  }
  return true;
}

// The body is looked at only once it is clear where it ends.
bool Session::parse_head() {
  if (head_read_ || !parser_->is_header_done()) return true;
  head_read_ = true;
  parser_->eager(true);
  if (auto clear = admit_framing(parser_->get()); !clear)
    return refuse(400, clear.error().what), false;
  const auto authorization = parser_->get()[beast::http::field::authorization];
  authorization_ = {authorization.data(), authorization.size()};
  return true;
}

bool Session::too_many_fields() const {
  std::size_t count = 0;
  for (auto field = parser_->get().begin(); field != parser_->get().end(); ++field)
    if (++count > most_fields) return true;
  return false;
}

// Where this request ends is not known, or nobody wants to know: the connection ends with it.
void Session::refuse(int status, std::string why) {
  keep_alive_ = false;
  buffer_.consume(buffer_.size());
  Response response = problem({Code::invalid, std::move(why)});
  response.status = status;
  write(std::move(response));
  parser_.reset();
}

void Session::handle() {
  const auto& request = parser_->get();
  keep_alive_ = request.keep_alive() && !core_->finishing;
  enter(State::handling);
  const std::string_view method(request.method_string().data(), request.method_string().size());
  Router::Found found =
      core_->router.find(method, {request.target().data(), request.target().size()});
  if (found.route == nullptr) return write(problem(found.problem));
  route_ = found.route;
  texts_ = std::move(found.texts);
  if (route_->stream) return stream();
  auto run = [self = shared_from_this()]() mutable {
    Session& session = *self;
    const auto& message = session.parser_->get();
    const RawCall call{.peer = session.peer_,
                       .doorkeeper = session.core_->doorkeeper,
                       .texts = session.texts_,
                       .body = message.body(),
                       .authorization = session.authorization_,
                       .work = session.route_->where == Where::loop ? session.worker() : nullptr};
    try {
      session.route_->handle(call, Reply(std::move(self)));
    } catch (const std::exception&) {
      // The reply was dropped on the way and has answered.
    }
  };
  if (route_->where == Where::worker)
    core_->loop.work(core_->doorkeeper.holder(peer_), std::move(run));
  else
    run();
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
  enter(State::streaming);
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
  if (lines_.size() > most_lines_unread || octets_unread_ > most_octets_unread) return give_up();
  std::string head;
  if (!std::exchange(stream_begun_, true))
    head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nCache-Control: "
        "no-store\r\nTransfer-Encoding: chunked\r\n\r\n";
  push_line(fmt::format("{}{:x}\r\n{}\n\r\n", head, json.size() + 1, json));
}

void Session::stream_end(Response response) {
  gone_ = nullptr;
  if (!stream_begun_) {
    stream_ended_ = true;
    return send(shared_from_this(), std::move(response));
  }
  if (std::exchange(stream_ended_, true)) return;
  push_line(fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", response.body.size(), response.body));
}

void Session::push_line(std::string line) {
  octets_unread_ += line.size();
  lines_.push_back(std::move(line));
  write_lines();
}

void Session::write_lines() {
  if (writing_lines_ || lines_.empty()) return;
  writing_lines_ = true;
  allow(core_->limits.request_time);
  asio::async_write(
      socket_, asio::buffer(lines_.front()),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        self->writing_lines_ = false;
        self->octets_unread_ -= self->lines_.front().size();
        self->lines_.pop_front();
        self->deadline_.reset();
        if (error) return self->give_up();
        if (!self->lines_.empty()) return self->write_lines();
        if (self->stream_ended_) self->on_written(error);
      });
}

void Session::when_gone(std::move_only_function<void()> task) {
  gone_ = std::move(task);
  if (caller_gone_ || !socket_.is_open() || core_->finishing) caller_gone();
}

// Nothing is read while a route streams, so that a closed connection has to be looked for: by
// waiting, and by each sweep where the caller's next request is there ahead of time.
void Session::watch_caller() {
  socket_.async_wait(
      Socket::wait_read, [weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!self || error || self->state_ != State::streaming || self->stream_ended_) return;
        if (self->hung_up()) self->caller_gone();
      });
}

bool Session::hung_up() {
  pollfd look{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&look, 1, 0) > 0;
}

void Session::caller_gone() {
  keep_alive_ = false;
  caller_gone_ = true;
  if (auto task = std::exchange(gone_, nullptr)) task();
}

// Nobody reads what is written here.
void Session::give_up() {
  caller_gone();
  close();
}

// The loop's thread is the last that has the session.
void Session::send(std::shared_ptr<Session> session, Response response) {
  const auto executor = session->socket_.get_executor();
  asio::dispatch(
      executor, [session = std::move(session), response = std::move(response)]() mutable {
        // What a route does not declare, it may not say: the document and the daemon stay the same
        // thing.
        const auto& statuses = session->route_->statuses;
        if (std::ranges::find(statuses, response.status) == statuses.end())
          response =
              problem({Code::internal,
                       fmt::format("a status that this route does not have: {}", response.status)});
        session->write(std::move(response));
      });
}

void Session::write(Response response) {
  enter(State::writing);
  wipe_request();
  response_ = std::move(response);
  head_.clear();
  fmt::format_to(std::back_inserter(head_),
                 "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}", response_.status,
                 reason_of(response_.status), name_of(response_.media), response_.content().size(),
                 keep_alive_ ? "" : "Connection: close\r\n");
  for (const auto& [name, value] : response_.headers) head_ += name + ": " + value + "\r\n";
  head_ += "\r\n";
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head_),
                                                asio::buffer(response_.content())};
  asio::async_write(socket_, parts,
                    [self = shared_from_this()](const boost::system::error_code& error,
                                                std::size_t) { self->on_written(error); });
}

void Session::on_written(const boost::system::error_code& error) {
  if (response_.secret) wipe(response_.body);
  response_ = {};
  if (error || !keep_alive_ || core_->finishing) return close();
  read();
}

void Session::wipe_request() {
  if (!parser_) return;
  const std::size_t size = parser_->get().body().size();
  wipe(parser_->get().body());
  // The body came through the read buffer, which is empty between requests: its front still holds
  // those octets.
  if (buffer_.size() == 0 && size != 0) {
    const auto front = buffer_.prepare(std::min(buffer_.capacity(), size + header_bytes));
    wipe(front.data(), front.size());
  }
}

void Session::sweep(std::chrono::steady_clock::time_point now) {
  const auto self = weak_from_this().lock();
  if (!self) return;
  if (deadline_ && now > *deadline_) return give_up();
  if (state_ == State::streaming && !caller_gone_ && socket_.is_open() && hung_up()) caller_gone();
}

void Session::close_when_idle() {
  const auto self = weak_from_this().lock();
  if (!self) return;
  keep_alive_ = false;
  if (auto task = std::exchange(gone_, nullptr))
    task();  // nobody waits a minute for a touch when the daemon stops
  if (state_ == State::idle) close();
}

void Session::close_now() {
  if (const auto self = weak_from_this().lock()) give_up();
}

void Session::close() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace countersign::http
