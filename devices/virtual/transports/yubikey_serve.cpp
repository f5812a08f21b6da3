// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/process.h"
#include "devices/virtual/transports/yubikey_setup.h"

namespace countersign::virtual_yubikey {
namespace {

using Steady = std::chrono::steady_clock;
using virtual_key::Listener;

constexpr Byte get_report = 0x01, set_report = 0x09;  // HID 1.11 §7.2

class Server {
 public:
  Server(Played& played, Listener listener, std::optional<Listener> control)
      : played_(played),
        listener_(std::move(listener)),
        control_(std::move(control)),
        signals_(virtual_key::catch_signals()) {}

  void run() {
    while (turn()) {
    }
  }

 private:
  // False: told to stop.
  bool turn() {
    std::array<pollfd, 4> wait{
        pollfd{signals_.get(), POLLIN, 0}, pollfd{connection_ ? -1 : listener_.fd(), POLLIN, 0},
        pollfd{connection_.get(), POLLIN, 0}, pollfd{control_ ? control_->fd() : -1, POLLIN, 0}};
    if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return false;
    if (wait[0].revents != 0) return false;
    if (wait[3].revents != 0)
      virtual_key::serve_control(*control_, [this](std::string_view command) {
        if (command == "power-cycle") connection_.reset();
        return obey(played_, command);
      });
    if (wait[2].revents != 0 && connection_) receive();
    if (wait[1].revents != 0) accept();
    return true;
  }

  void accept() {
    Descriptor caller = listener_.accept();
    if (!caller || connection_) return;  // who comes while another has it, waits for its end
    connection_ = std::move(caller);
    played_.interface.opened();
  }

  // All that has come: who connects next finds the key free once the one before has closed.
  void receive() {
    while (connection_ && receive_one()) {
    }
  }

  // False: nothing more is there.
  bool receive_one() {
    std::array<Byte, 1 + report_size> packet{};
    const ssize_t size =
        ::recv(connection_.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && errno == EAGAIN) return false;
    if (size < 0 && errno == EINTR) return true;
    if (size == 1 && packet[0] == get_report) {
      const auto report = played_.interface.read(Steady::now());
      if (!report) return pull_out(), false;
      (void)::send(connection_.get(), report->data(), report->size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } else if (size == static_cast<ssize_t>(packet.size()) && packet[0] == set_report) {
      Report report{};
      std::copy(packet.begin() + 1, packet.end(), report.begin());
      if (!played_.interface.write(report, Steady::now())) pull_out();
    } else {
      connection_.reset();  // closed, or no request
    }
    return true;
  }

  void pull_out() {
    connection_.reset();
    played_.interface.replug();
  }

  Played& played_;
  Listener listener_;
  std::optional<Listener> control_;
  Descriptor signals_;
  Descriptor connection_;
};

}  // namespace

Result<void> serve(const Setup& setup, const SocketOptions& options) {
  if (options.die_with_parent && !virtual_key::tie_to_parent())
    return fail(Code::cancelled, "the parent is gone");
  const auto played = TRY(make_key(setup));
  auto listener = TRY(Listener::open(options.socket));
  auto control = TRY(virtual_key::open_control(setup.control));
  const State& state = played->key.state();
  virtual_key::Claim claim = options.claim;
  claim.firmware = std::to_string(state.firmware[0]) + "." + std::to_string(state.firmware[1]) +
                   "." + std::to_string(state.firmware[2]);
  const auto description = TRY(virtual_key::Description::write(
      options.socket, {"yubikey", "Countersign virtual YubiKey", std::to_string(state.serial)},
      claim));
  Server server(*played, std::move(listener), std::move(control));
  std::printf("ready: %s\n", options.socket.c_str());
  std::fflush(stdout);
  server.run();
  return {};
}

}  // namespace countersign::virtual_yubikey
