// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/card_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

#include "devices/virtual/card/base/identity.h"
#include "devices/virtual/card/vpcd.h"
#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/process.h"

namespace countersign::virtual_card {
namespace {

using Steady = std::chrono::steady_clock;
using virtual_key::Claim;
using virtual_key::Description;
using virtual_key::Listener;
using std::chrono_literals::operator""ms;

// Where the reader's octets come from.
class Wire {
 public:
  virtual ~Wire() = default;
  [[nodiscard]] virtual Result<void> insert() = 0;  // the card can be found from now on
  virtual void remove() = 0;
  [[nodiscard]] virtual int fd() const { return -1; }  // readable: somebody calls
  [[nodiscard]] virtual Descriptor accept() = 0;       // a stream, or none yet
  [[nodiscard]] virtual bool asks_again() const {
    return false;
  }  // accept has to be called from time to time
};

class SocketWire final : public Wire {
 public:
  SocketWire(const SocketOptions& options, const Setup& setup, std::uint32_t serial)
      : options_(options), kind_(setup.kind), serial_(std::to_string(serial)) {}

  Result<void> insert() override {
    auto listener = TRY(Listener::open(options_.socket, virtual_key::stream));
    listener_.emplace(std::move(listener));
    auto description = TRY(
        Description::write(options_.socket, {kind_, identity::product, serial_}, options_.claim));
    description_.emplace(std::move(description));
    return {};
  }
  void remove() override {
    description_.reset();
    listener_.reset();
  }
  int fd() const override { return listener_ ? listener_->fd() : -1; }
  Descriptor accept() override { return listener_ ? listener_->accept() : Descriptor(); }

 private:
  const SocketOptions& options_;
  std::string kind_;
  std::string serial_;
  std::optional<Listener> listener_;
  std::optional<Description> description_;
};

class DriverWire final : public Wire {
 public:
  explicit DriverWire(const DriverOptions& options) : options_(options) {}
  Result<void> insert() override {
    inserted_ = true;
    return {};
  }
  void remove() override { inserted_ = false; }
  bool asks_again() const override { return inserted_; }
  Descriptor accept() override {
    const addrinfo hints{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    addrinfo* found = nullptr;
    if (getaddrinfo(options_.host.c_str(), options_.port.c_str(), &hints, &found) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      Descriptor made(
          ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol));
      if (made && ::connect(made.get(), each->ai_addr, each->ai_addrlen) == 0) return made;
    }
    return {};
  }

 private:
  const DriverOptions& options_;
  bool inserted_ = false;
};

class Server {
 public:
  Server(Card& card, const Setup& setup, Wire& wire, std::optional<Listener> control)
      : wire_(wire),
        control_(std::move(control)),
        signals_(virtual_key::catch_signals()),
        card_(card),
        vpcd_(card, setup.person,
              {[this](BytesView octets) { send(octets); }, [this] { removed_ = true; }}) {}

  void run(const std::string& ready) {
    ready_ = ready;
    while (turn()) {
    }
  }

 private:
  // False: told to stop.
  bool turn() {
    if (!connection_ && wire_.asks_again()) accept();
    std::array<pollfd, 4> wait{
        pollfd{signals_.get(), POLLIN, 0}, pollfd{connection_ ? -1 : wire_.fd(), POLLIN, 0},
        pollfd{connection_.get(), POLLIN, 0}, pollfd{control_ ? control_->fd() : -1, POLLIN, 0}};
    const auto again =
        !connection_ && wire_.asks_again() ? std::optional(Steady::now() + 200ms) : std::nullopt;
    const int ready = ::poll(wait.data(), wait.size(),
                             virtual_key::milliseconds_until(again ? again : vpcd_.wake()));
    if (ready < 0 && errno != EINTR) return false;
    if (wait[0].revents != 0) return false;
    vpcd_.tick(Steady::now());
    if (wait[3].revents != 0)
      serve_control(*control_, [this](std::string_view command) { return obey(command); });
    if (wait[2].revents != 0 && connection_) receive();
    if (std::exchange(removed_, false)) remove();
    if (wait[1].revents != 0) accept();
    return true;
  }

  void accept() {
    Descriptor caller = wire_.accept();
    if (!caller || connection_) return;  // who comes while another has it, waits for its end
    connection_ = std::move(caller);
    const int on = 1;
    (void)setsockopt(connection_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    vpcd_.plugged();
    if (ready_.empty()) return;
    if (wire_.asks_again()) say_ready(std::exchange(ready_, {}));
  }

  static void say_ready(const std::string& where) {
    std::printf("ready: %s\n", where.c_str());
    std::fflush(stdout);
  }

  void receive() {
    // Without it the kernel waits for more before it acknowledges, and the driver for the
    // acknowledgement: 40 ms a command.
    const int on = 1;
    (void)setsockopt(connection_.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    std::array<Byte, 4096> octets{};
    const ssize_t size = ::recv(connection_.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size <= 0) return unplug();
    vpcd_.receive(BytesView(octets).first(static_cast<std::size_t>(size)), Steady::now());
  }

  void unplug() {
    connection_.reset();
    vpcd_.plugged();
  }

  void remove() {
    unplug();
    wire_.remove();
  }

  Result<void> obey(std::string_view command) {
    if (command == "touch" || command == "deny") {
      if (vpcd_.press(command == "touch", Steady::now())) return {};
      return fail(Code::invalid, "the card waits for no touch right now");
    }
    if (command == "remove") return remove(), Result<void>{};
    if (command == "insert") {
      remove();
      return wire_.insert();
    }
    if (command == "reset") return card_.power_up(), Result<void>{};
    if (command == "block-pin") return card_.change([](State& state) { state.piv.pin.left = 0; });
    if (command.starts_with("fault ")) return card_.set_fault(command.substr(6));
    return fail(Code::invalid,
                "no such command; there are: touch, deny, remove, insert, reset, block-pin, fault "
                "NAME[=N]");
  }

  // The peer may be slow, but answers are small: what it does not take within the socket's buffer
  // ends the stream.
  void send(BytesView octets) {
    while (connection_ && !octets.empty()) {
      pollfd room{connection_.get(), POLLOUT, 0};
      const ssize_t size =
          ::poll(&room, 1, 5000) == 1
              ? ::send(connection_.get(), octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
              : -1;
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return connection_.reset();
      octets = octets.subspan(static_cast<std::size_t>(size));
    }
  }

  Wire& wire_;
  std::optional<Listener> control_;
  Descriptor signals_;
  Descriptor connection_;
  bool removed_ = false;
  std::string ready_;
  Card& card_;
  Vpcd vpcd_;
};

Result<void> play(Card& card, const Setup& setup, Wire& wire, const std::string& ready) {
  auto control = TRY(virtual_key::open_control(setup.control));
  if (const auto inserted = wire.insert(); !inserted) return inserted;
  Server server(card, setup, wire, std::move(control));
  const bool at_once = !wire.asks_again();
  if (at_once) {
    std::printf("ready: %s\n", ready.c_str());
    std::fflush(stdout);
  }
  server.run(at_once ? std::string() : ready);
  return {};
}

}  // namespace

Result<void> serve(const Setup& setup, const SocketOptions& options) {
  if (options.die_with_parent && !virtual_key::tie_to_parent())
    return fail(Code::cancelled, "the parent is gone");
  const auto card = TRY(make_card(setup));
  SocketWire wire(options, setup, card->state().serial);
  return play(*card, setup, wire, options.socket);
}

Result<void> connect_to_driver(const Setup& setup, const DriverOptions& options) {
  if (options.die_with_parent && !virtual_key::tie_to_parent())
    return fail(Code::cancelled, "the parent is gone");
  const auto card = TRY(make_card(setup));
  DriverWire wire(options);
  return play(*card, setup, wire, options.host + ":" + options.port);
}

}  // namespace countersign::virtual_card
