// SPDX-License-Identifier: Apache-2.0
// libykpers on USB. It opens the n-th key of a product; which one that is on the bus, libusb's list
// tells, because libykpers goes through the same list. Of libykpers we use the reports
// (yk_wait_for_key_status that waits for nothing) and the frames (yk_write_to_key).
#include <libusb.h>
#include <ykcore.h>

#include <optional>
#include <thread>

#include "devices/yubikey/report_channel.h"

namespace countersign::devices::yubikey {
namespace {

using reader::Failed;
using reader::Failure;

constexpr Byte no_mask = 0;
constexpr unsigned one_look = 2;  // ms
constexpr std::chrono::milliseconds busy_budget{1500},
    claim_again{50};  // the child before may still be giving the key back

Loss loss_now() {
  return yk_errno == YK_EUSBERR     ? Loss::removed
         : yk_errno == YK_ECHECKSUM ? Loss::malformed
                                    : Loss::timed_out;
}

class UsbChannel final : public ReportChannel {
 public:
  explicit UsbChannel(YK_KEY* key) : key_(key) {}
  ~UsbChannel() override { (void)yk_close_key(key_); }  // gives the keyboard back to the kernel
  UsbChannel(const UsbChannel&) = delete;
  UsbChannel& operator=(const UsbChannel&) = delete;

 private:
  std::expected<Report, Loss> read() override {
    Report report{};
    if (yk_wait_for_key_status(key_, 0, 0, one_look, true, no_mask, report.data()) == 0)
      return std::unexpected(loss_now());
    return report;
  }
  std::expected<void, Loss> send(Command command,
                                 const std::array<Byte, payload_size>& payload) override {
    if (yk_write_to_key(key_, static_cast<Byte>(command), payload.data(), payload_size) == 0)
      return std::unexpected(loss_now());
    return {};
  }
  void abort() override { (void)yk_force_key_update(key_); }

  YK_KEY* key_;
};

// "1-2.3" of a bus and its ports, as sysfs has it.
std::string name_of(libusb_device* device) {
  std::array<std::uint8_t, 8> ports{};
  const int depth = libusb_get_port_numbers(device, ports.data(), static_cast<int>(ports.size()));
  std::string name = std::to_string(libusb_get_bus_number(device));
  for (int i = 0; i < depth; ++i)
    name += (i == 0 ? "-" : ".") + std::to_string(ports[static_cast<std::size_t>(i)]);
  return name;
}

// How many of the same product come before it.
std::optional<int> index_of(const Device& wanted) {
  libusb_context* context = nullptr;
  if (libusb_init(&context) != 0) return std::nullopt;
  libusb_device** list = nullptr;
  const ssize_t count = libusb_get_device_list(context, &list);
  std::optional<int> found;
  int before = 0;
  for (ssize_t i = 0; i < count && !found; ++i) {
    libusb_device_descriptor descriptor{};
    if (libusb_get_device_descriptor(list[i], &descriptor) != 0 ||
        descriptor.idVendor != wanted.vendor || descriptor.idProduct != wanted.product)
      continue;
    if (wanted.node.ends_with("/" + name_of(list[i]))) found = before;
    ++before;
  }
  if (count >= 0) libusb_free_device_list(list, 1);
  libusb_exit(context);
  return found;
}

}  // namespace

bool prepare_usb() {
  if (yk_init() == 0) return false;
  static libusb_context* kept =
      nullptr;  // its list is up to date, and index_of() makes no thread of its own while it lives
  return kept != nullptr || libusb_init(&kept) == 0;
}

std::expected<std::unique_ptr<Channel>, Failed> open_usb(const Device& device) {
  const auto index = index_of(device);
  if (!index)
    return std::unexpected(Failed{.failure = Failure::removed, .detail = "not on the bus"});
  const int product = device.product;
  const Deadline patience = Deadline::in(busy_budget);
  YK_KEY* key = yk_open_key_vid_pid(device.vendor, &product, 1, *index);
  while (key == nullptr && yk_errno == YK_EUSBERR && !patience.passed()) {
    std::this_thread::sleep_for(claim_again);
    key = yk_open_key_vid_pid(device.vendor, &product, 1, *index);
  }
  if (key != nullptr) return std::make_unique<UsbChannel>(key);
  if (yk_errno != YK_EUSBERR)
    return std::unexpected(Failed{.failure = Failure::removed, .detail = yk_strerror(yk_errno)});
  const std::string why = yk_usb_strerror();
  const bool busy = why.find("usy") != std::string::npos;
  const bool forbidden =
      why.find("ermission") != std::string::npos || why.find("ccess") != std::string::npos;
  return std::unexpected(Failed{.failure = busy        ? Failure::busy
                                           : forbidden ? Failure::permission
                                                       : Failure::removed,
                                .detail = why});
}

}  // namespace countersign::devices::yubikey
