// SPDX-License-Identifier: Apache-2.0
// A software card (countersign-virtual serve --kind card), spoken to as the virtual reader's driver
// does: two octets of length, big endian, then the data; a length of one is a control code. Demo
// stores only.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/descriptor.h"
#include "core/base/secret.h"
#include "devices/smartcard/base/channel.h"

namespace countersign::devices::smartcard {
namespace {

constexpr Byte power_on = 1, reset = 2, ask_answer_to_reset = 4;
constexpr int look_milliseconds = 100;  // how often a wait looks for cancel()
constexpr std::chrono::milliseconds longest_greeting{2000};

class SoftwareChannel final : public Channel {
 public:
  explicit SoftwareChannel(Descriptor socket) : socket_(std::move(socket)) {}

  [[nodiscard]] bool greet() {
    const Deadline deadline = Deadline::in(longest_greeting);
    if (!send(std::array{power_on}, deadline) || !send(std::array{ask_answer_to_reset}, deadline))
      return false;
    auto atr = receive(deadline);
    if (!atr) return false;
    answer_to_reset_ = std::move(*atr);
    return true;
  }

  std::expected<bool, Loss> begin(const Deadline&) override {
    if (cancelled_) return std::unexpected(Loss::cancelled);
    return std::exchange(fresh_, false);
  }

  void end(bool forget) override {
    if (!forget) return;
    fresh_ = true;
    (void)send(std::array{reset}, Deadline::in(longest_greeting));
  }

  std::expected<Bytes, Loss> transmit(BytesView command, const Deadline& deadline) override {
    TRY(send(command, deadline));
    return receive(deadline);
  }

  void cancel() override { cancelled_ = true; }
  void clear_cancel() override { cancelled_ = false; }
  Bytes answer_to_reset() const override { return answer_to_reset_; }

 private:
  std::expected<void, Loss> wait(short events, const Deadline& deadline) {
    for (;;) {
      if (cancelled_) return std::unexpected(Loss::cancelled);
      if (deadline.passed()) return std::unexpected(Loss::timed_out);
      pollfd ready{.fd = socket_.get(), .events = events, .revents = 0};
      if (poll(&ready, 1, look_milliseconds) > 0) return {};
    }
  }

  std::expected<void, Loss> send(BytesView data, const Deadline& deadline) {
    if (data.size() > 0xFFFF) return std::unexpected(Loss::malformed);
    Secret frame(data.size() + 2);  // it may be a PIN
    const auto out = frame.expose_mutable();
    out[0] = static_cast<Byte>(data.size() >> 8U);
    out[1] = static_cast<Byte>(data.size());
    std::memcpy(out.data() + 2, data.data(), data.size());
    for (BytesView rest = frame.expose(); !rest.empty();) {
      const ssize_t sent =
          ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) {
        rest = rest.subspan(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EINTR) {
        TRY(wait(POLLOUT, deadline));
      } else {
        return std::unexpected(Loss::removed);
      }
    }
    return {};
  }

  std::expected<void, Loss> fill(std::span<Byte> into, const Deadline& deadline) {
    while (!into.empty()) {
      const ssize_t got = recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
      if (got > 0) {
        into = into.subspan(static_cast<std::size_t>(got));
      } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        TRY(wait(POLLIN, deadline));
      } else {
        return std::unexpected(Loss::removed);
      }
    }
    return {};
  }

  std::expected<Bytes, Loss> receive(const Deadline& deadline) {
    std::array<Byte, 2> head{};
    TRY(fill(head, deadline));
    Bytes data(static_cast<std::size_t>(head[0] << 8U | head[1]));
    TRY(fill(data, deadline));
    return data;
  }

  Descriptor socket_;
  Bytes answer_to_reset_;
  bool fresh_ = true;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace

std::expected<std::unique_ptr<Channel>, reader::Failed> open_software(const Device& device) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (device.node.size() >= sizeof address.sun_path)
    return std::unexpected(reader::Failed{.failure = reader::Failure::internal,
                                          .detail = "the socket's path is too long"});
  device.node.copy(address.sun_path, device.node.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::unexpected(
        reader::Failed{.failure = reader::Failure::removed, .detail = std::strerror(errno)});
  auto channel = std::make_unique<SoftwareChannel>(std::move(socket));
  if (!channel->greet())
    return std::unexpected(reader::Failed{.failure = reader::Failure::removed,
                                          .detail = "the software card does not answer"});
  return channel;
}

}  // namespace countersign::devices::smartcard
