// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/channel.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <deque>
#include <utility>

#include "devices/protocol/codec.h"

namespace asio = boost::asio;

namespace countersign::tokens {
namespace {

using Frame = std::variant<Bytes, Secret>;

asio::const_buffer buffer_of(const Frame& frame) {
  const BytesView octets = std::visit(
      [](const auto& held) -> BytesView {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, Secret>)
          return held.expose();
        else
          return held;
      },
      frame);
  return {octets.data(), octets.size()};
}

}  // namespace

struct Channel::Parts {
  asio::local::stream_protocol::socket socket;
  Handlers handlers;
  reader::FrameReader frames = {};
  std::deque<Frame> outgoing = {};
  bool writing = false;
};

std::shared_ptr<Channel> Channel::open(http::Loop& loop, int socket, Handlers handlers) {
  std::shared_ptr<Channel> channel(new Channel(
      std::make_unique<Parts>(Parts{.socket = asio::local::stream_protocol::socket(
                                        loop.context(), asio::local::stream_protocol(), socket),
                                    .handlers = std::move(handlers)})));
  channel->read();
  return channel;
}

Channel::Channel(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Channel::~Channel() = default;

void Channel::send(const reader::Request& request) {
  parts_->outgoing.emplace_back(reader::to_frame(request));
  write();
}

void Channel::send(const Secret& secret) {
  parts_->outgoing.emplace_back(reader::to_frame(secret));
  write();
}

void Channel::close() {
  parts_->handlers = {};
  boost::system::error_code ignored;
  parts_->socket.close(ignored);
}

void Channel::write() {
  if (parts_->writing || parts_->outgoing.empty() || !parts_->socket.is_open()) return;
  parts_->writing = true;
  asio::async_write(
      parts_->socket, buffer_of(parts_->outgoing.front()),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        self->parts_->writing = false;
        self->parts_->outgoing.pop_front();
        if (error)
          self->lost();
        else
          self->write();
      });
}

void Channel::read() {
  const std::span<Byte> room = parts_->frames.room();
  parts_->socket.async_read_some(
      asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t octets) {
        if (error) return self->lost();
        Result<std::optional<reader::Frame>> frame = self->parts_->frames.got(octets);
        if (!frame) return self->lost();
        if (*frame) {
          const Bytes* message = std::get_if<Bytes>(&**frame);
          Result<reader::Reply> reply = message != nullptr
                                            ? reader::decode_reply(*message)
                                            : fail(Code::corrupt, "the reader sends no secrets");
          if (!reply) return self->lost();
          const auto handler = self->parts_->handlers.reply;  // it may close this channel
          if (handler) handler(std::move(*reply));
        }
        if (self->parts_->socket.is_open()) self->read();
      });
}

void Channel::lost() {
  if (!parts_->socket.is_open()) return;
  auto closed = std::move(parts_->handlers.closed);
  close();
  if (closed) closed();
}

}  // namespace countersign::tokens
