// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/serve.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/hid_device.h"
#include "devices/virtual/transports/listener.h"
#include "devices/virtual/transports/process.h"

namespace countersign::virtual_key {
namespace {

using Steady = std::chrono::steady_clock;

class Server {
 public:
  Server(Key& key, const Setup& setup, Listener listener, std::optional<Listener> control)
      : listener_(std::move(listener)),
        control_(std::move(control)),
        signals_(catch_signals()),
        key_(key),
        device_(
            key, setup.person,
            {[this](const hid::Report& report) { send(report); }, [this] { pulled_out_ = true; }}) {
  }

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
    const int ready = ::poll(wait.data(), wait.size(), milliseconds_until(device_.wake()));
    if (ready < 0 && errno != EINTR) return false;
    if (wait[0].revents != 0) return false;
    device_.tick(Steady::now());
    if (wait[3].revents != 0)
      serve_control(*control_, [this](std::string_view command) {
        return obey(device_, key_, command, Steady::now());
      });
    if (wait[2].revents != 0) receive();
    if (std::exchange(pulled_out_, false)) connection_.reset();
    if (wait[1].revents != 0) accept();
    return true;
  }

  // All that has come.
  void receive() {
    hid::Report report{};
    for (;;) {
      const ssize_t size =
          ::recv(connection_.get(), report.data(), report.size(), MSG_DONTWAIT | MSG_TRUNC);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return;
      if (size != hid::report_size) return connection_.reset();  // closed, or no report
      device_.receive(report, Steady::now());
      if (pulled_out_) return;
    }
  }

  void accept() {
    Descriptor caller = listener_.accept();
    if (!caller || connection_) return;  // who comes while another has it, waits for its end
    connection_ = std::move(caller);
    device_.opened();
  }

  // A host that does not read misses reports, as with hidraw.
  void send(const hid::Report& report) {
    if (connection_)
      (void)::send(connection_.get(), report.data(), report.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  Listener listener_;
  std::optional<Listener> control_;
  Descriptor signals_;
  Descriptor connection_;
  bool pulled_out_ = false;
  Key& key_;
  HidDevice device_;
};

}  // namespace

Result<void> serve(const Setup& setup, const ServeOptions& options) {
  if (options.die_with_parent && !tie_to_parent())
    return fail(Code::cancelled, "the parent is gone");
  auto key = TRY(make_key(setup));
  auto listener = TRY(Listener::open(options.socket));
  auto control = TRY(open_control(setup.control));
  const auto description = TRY(Description::write(
      options.socket, {"fido2", identity::product, key->state.serial}, options.claim));
  Server server(*key, setup, std::move(listener), std::move(control));
  std::printf("ready: %s\n", options.socket.c_str());
  std::fflush(stdout);
  server.run();
  return {};
}

}  // namespace countersign::virtual_key
