// SPDX-License-Identifier: Apache-2.0
#include "devices/reader/presence.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>

namespace countersign::reader {
namespace {

// After an event the list is looked at when nothing more came for the first, and once more after
// the second: permissions may follow (where no udevd says when it is done), and sysfs fills up.
// While a token is there that may not be opened, it is looked at again and again, ever more seldom:
// a busy machine's udevd takes seconds, and what an administrator mends is no event at all.
constexpr int settle_milliseconds = 60;
constexpr int look_again_milliseconds = 1000;
constexpr int most_seldom_milliseconds = 32'000;

bool waits_for_access(const std::vector<Device>& devices) {
  return std::ranges::any_of(
      devices, [](const Device& device) { return device.trouble == devices::Trouble::permission; });
}

}  // namespace

Result<Presence> Presence::open(const ChildOptions& options, bool watched) {
  using devices::usb::Events;
  auto usb = TRY(devices::usb::Directory::open(!watched                ? Events::none
                                               : options.kernel_events ? Events::kernel
                                                                       : Events::udevd));
  auto cards = devices::smartcard::PcscDirectory::open(watched);
  if (!options.software_tokens) return Presence(std::move(usb), std::move(cards), std::nullopt);
  auto software = TRY(devices::usb::SoftwareDirectory::open(*options.software_tokens, watched));
  return Presence(std::move(usb), std::move(cards), std::move(software));
}

std::vector<Device> Presence::present() const {
  std::vector<Device> devices = usb_.present();
  std::ranges::move(cards_.present(), std::back_inserter(devices));
  if (software_) std::ranges::move(software_->present(), std::back_inserter(devices));
  return devices;
}

std::optional<Device> Presence::find(std::string_view id) const {
  for (Device& device : present())
    if (device.id == id) return std::move(device);
  return std::nullopt;
}

void Presence::serve(Channel& channel, int stop) {
  std::vector<Device> told = present();
  if (!channel.send(Present{told})) return;
  int wait = look_again_milliseconds;
  for (;;) {
    pollfd ready[] = {{.fd = channel.descriptor(), .events = POLLIN, .revents = 0},
                      {.fd = stop, .events = POLLIN, .revents = 0},
                      {.fd = usb_.events(), .events = POLLIN, .revents = 0},
                      {.fd = software_ ? software_->events() : -1, .events = POLLIN, .revents = 0},
                      {.fd = cards_.events(), .events = POLLIN, .revents = 0}};
    const int happened = poll(ready, std::size(ready), wait);
    if (happened < 0 && errno != EINTR) return;
    if (happened > 0) {
      if (ready[1].revents != 0) return;
      if (ready[0].revents != 0 && !channel.receive())
        return;  // it has nothing to say to us; its end is what counts
      if (ready[2].revents != 0) usb_.drain();
      if (ready[3].revents != 0) software_->drain();
      if (ready[4].revents != 0) cards_.drain();
      if (cards_.over()) return;
      if (ready[2].revents != 0 || ready[3].revents != 0 || ready[4].revents != 0)
        wait = settle_milliseconds;
      continue;
    }
    std::vector<Device> now = present();
    if (wait == settle_milliseconds)
      wait = look_again_milliseconds;
    else
      wait = waits_for_access(now) ? std::min(2 * wait, most_seldom_milliseconds) : -1;
    if (now == told) continue;
    told = std::move(now);
    if (!channel.send(Present{told})) return;
  }
}

}  // namespace countersign::reader
