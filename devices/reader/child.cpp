// SPDX-License-Identifier: Apache-2.0
#include "devices/reader/child.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "devices/fido2/token.h"
#include "devices/protocol/channel.h"
#include "devices/reader/presence.h"
#include "devices/reader/sandbox.h"
#include "devices/reader/session.h"
#include "devices/smartcard/token.h"
#include "devices/yubikey/token.h"

namespace countersign::reader {
namespace {

constexpr std::chrono::seconds first_message_within(10);
constexpr int no_sandbox = 3;

int refuse(Channel& channel, Failure failure, const std::string& detail) {
  (void)channel.send(Failed{.failure = failure, .detail = detail});
  return 0;
}

int without_sandbox(Channel& channel) {
  std::fputs("countersign-reader: the kernel has no seccomp sandbox, so no token is opened\n",
             stderr);
  (void)refuse(channel, Failure::internal, "no sandbox");
  return no_sandbox;
}

// SIGTERM as a descriptor.
Descriptor catch_stop() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return Descriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// Ends the process itself: the thread that listens to pcscd goes with it.
int watch(Channel& channel, const ChildOptions& options, int stop) {
  auto presence =
      Presence::open(options, true);  // sockets and watches; nothing of a token is read yet
  if (!presence) return refuse(channel, Failure::internal, presence.error().what);
  forbid_writing();
  presence->listen();
  if (!enter_sandbox(Work::watch)) _exit(without_sandbox(channel));
  presence->serve(channel, stop);
  _exit(0);
}

std::expected<std::unique_ptr<devices::Token>, Failed> open_token(const Open& open,
                                                                  const ChildOptions& options) {
  auto presence = Presence::open(options, false);
  if (!presence)
    return std::unexpected(Failed{.failure = Failure::internal, .detail = presence.error().what});
  auto device = presence->find(open.device);
  if (!device)
    return std::unexpected(Failed{.failure = Failure::removed, .detail = "no such device"});
  if (open.slots) {
    if (!device->otp_node.empty()) device->node = device->otp_node;
    return devices::yubikey::open_token(*device);
  }
  for (const devices::Capability capability : device->capabilities) switch (capability) {
      case devices::Capability::fido2:
      case devices::Capability::u2f:
        return devices::fido2::open_token(*device);
      case devices::Capability::piv:
      case devices::Capability::openpgp:
        return devices::smartcard::open_token(*device);
      case devices::Capability::otp:
        break;
    }
  return std::unexpected(Failed{.failure = Failure::unsupported, .detail = "no driver"});
}

// Ends the process itself: the worker, which can't be told to stop in the middle of a library, goes
// with it.
[[noreturn]] void serve_token(Channel& channel, const Open& open, const ChildOptions& options,
                              int stop) {
  if (open.slots && !devices::yubikey::prepare_usb())
    _exit(refuse(channel, Failure::internal, "libusb can't be used"));  // makes a thread
  forbid_writing();
  Session session(channel);
  std::thread([&session] {
    session.work();
  }).detach();  // before the sandbox, in which none can be made
  if (!enter_sandbox(open.slots ? Work::open_usb : Work::open)) _exit(without_sandbox(channel));
  auto token = open_token(open, options);
  if (!enter_sandbox(open.slots ? Work::operate_usb : Work::operate))
    _exit(without_sandbox(channel));
  if (token) {
    session.begin(std::move(*token));
    if (session.listen(stop))
      session.release();  // a keyboard that libusb took from the kernel goes back
  } else {
    (void)channel.send(token.error());
  }
  _exit(0);
}

}  // namespace

int run_child(const ChildOptions& options) {
  if (!limit_process()) return no_sandbox;
  const Descriptor stop = catch_stop();
  Channel channel{Descriptor(child_connection)};
  const auto frame = channel.wait_frame(first_message_within);
  const auto* payload = frame ? std::get_if<Bytes>(&*frame) : nullptr;
  if (payload == nullptr) return 1;
  const auto request = decode_request(*payload);
  if (!request) return 1;
  if (std::holds_alternative<Watch>(*request)) return watch(channel, options, stop.get());
  if (const auto* open = std::get_if<Open>(&*request))
    serve_token(channel, *open, options, stop.get());
  return 1;
}

}  // namespace countersign::reader
