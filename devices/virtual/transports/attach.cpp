// SPDX-License-Identifier: Apache-2.0
// What is written and read are whole `struct uhid_event`s, one each time (the kernel's
// Documentation/hid/uhid.rst).
#include "devices/virtual/transports/attach.h"

#include <fcntl.h>
#include <linux/input.h>
#include <linux/uhid.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "devices/virtual/key/identity.h"
#include "devices/virtual/key/report_descriptor.h"
#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/hid_device.h"
#include "devices/virtual/transports/listener.h"
#include "devices/virtual/transports/process.h"

namespace countersign::virtual_key {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* uhid_node = "/dev/uhid";

std::unexpected<Error> trouble(const char* what) {
  return fail(Code::unavailable,
              std::string(uhid_node) + ": " + what + ": " + std::strerror(errno));
}

// The last of so many octets stays 0.
void copy_text(__u8* target, std::size_t size, std::string_view text) {
  std::memcpy(target, text.data(), std::min(text.size(), size - 1));
}

class Attached {
 public:
  Attached(Key& key, const Setup& setup, Descriptor uhid, std::optional<Listener> control)
      : uhid_(std::move(uhid)),
        control_(std::move(control)),
        signals_(catch_signals()),
        key_(key),
        device_(
            key, setup.person,
            {[this](const hid::Report& report) { send(report); }, [this] { pulled_out_ = true; }}) {
  }

  Result<void> plug() {
    uhid_event event{};
    event.type = UHID_CREATE2;
    copy_text(event.u.create2.name, sizeof event.u.create2.name, identity::product);
    copy_text(event.u.create2.uniq, sizeof event.u.create2.uniq, key_.state.serial);
    event.u.create2.bus = BUS_USB;
    event.u.create2.vendor = identity::vendor_id;
    event.u.create2.product = identity::product_id;
    event.u.create2.rd_size = report_descriptor.size();
    std::ranges::copy(report_descriptor, event.u.create2.rd_data);
    if (!tell_kernel(event)) return trouble("the kernel takes no device");
    return {};
  }

  Result<void> run() {
    for (;;) {
      std::array<pollfd, 3> wait{pollfd{signals_.get(), POLLIN, 0}, pollfd{uhid_.get(), POLLIN, 0},
                                 pollfd{control_ ? control_->fd() : -1, POLLIN, 0}};
      const int ready = ::poll(wait.data(), wait.size(), milliseconds_until(device_.wake()));
      if (ready < 0 && errno != EINTR) return trouble("can't wait for it");
      if (wait[0].revents != 0) return {};  // the device goes with its descriptor
      device_.tick(Steady::now());
      if (wait[2].revents != 0)
        serve_control(*control_, [this](std::string_view command) {
          return obey(device_, key_, command, Steady::now());
        });
      if ((wait[1].revents & POLLIN) != 0) hear();
      if (!std::exchange(pulled_out_, false)) continue;
      uhid_event gone{};
      gone.type = UHID_DESTROY;
      if (!tell_kernel(gone)) return trouble("the kernel does not let it go");
      if (const auto plugged = plug(); !plugged) return plugged;
    }
  }

 private:
  // Everything that the kernel has to say.
  void hear() {
    uhid_event event{};
    while (!pulled_out_ && ::read(uhid_.get(), &event, sizeof event) > 0) {
      if (event.type == UHID_OPEN) device_.opened();
      if (event.type == UHID_OUTPUT) receive(event.u.output);
      // It has no reports that can be asked for; who asks waits for an answer.
      uhid_event answer{};
      if (event.type == UHID_GET_REPORT) {
        answer.type = UHID_GET_REPORT_REPLY;
        answer.u.get_report_reply.id = event.u.get_report.id;
        answer.u.get_report_reply.err = EIO;
      } else if (event.type == UHID_SET_REPORT) {
        answer.type = UHID_SET_REPORT_REPLY;
        answer.u.set_report_reply.id = event.u.set_report.id;
        answer.u.set_report_reply.err = EIO;
      }
      if (answer.type != 0) (void)tell_kernel(answer);
      event = {};
    }
  }

  void receive(const uhid_output_req& output) {
    hid::Report report{};
    if (output.size != 1 + report.size()) return;  // hidraw: the report number comes first
    std::memcpy(report.data(), output.data + 1, report.size());
    device_.receive(report, Steady::now());
  }

  void send(const hid::Report& report) {
    uhid_event event{};
    event.type = UHID_INPUT2;
    event.u.input2.size = hid::report_size;
    std::memcpy(event.u.input2.data, report.data(), report.size());
    (void)tell_kernel(event);
  }

  bool tell_kernel(const uhid_event& event) {
    return ::write(uhid_.get(), &event, sizeof event) == static_cast<ssize_t>(sizeof event);
  }

  Descriptor uhid_;
  std::optional<Listener> control_;
  Descriptor signals_;
  bool pulled_out_ = false;
  Key& key_;
  HidDevice device_;
};

}  // namespace

Result<void> attach(const Setup& setup, const AttachOptions& options) {
  if (options.die_with_parent && !tie_to_parent())
    return fail(Code::cancelled, "the parent is gone");
  auto key = TRY(make_key(setup));
  Descriptor uhid(::open(uhid_node, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!uhid) return trouble("can't be opened (modprobe uhid; it is root's)");
  auto control = TRY(open_control(setup.control));
  Attached attached(*key, setup, std::move(uhid), std::move(control));
  if (const auto plugged = attached.plug(); !plugged) return plugged;
  std::printf("attached: %s\n", key->state.serial.c_str());
  std::fflush(stdout);
  return attached.run();
}

}  // namespace countersign::virtual_key
