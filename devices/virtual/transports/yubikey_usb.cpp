// SPDX-License-Identifier: Apache-2.0
// The key on USB: its descriptors in a /sys that umockdev makes, and usbfs' ioctls
// (linux/usbdevice_fs.h) on its node. A control transfer is done when it is submitted, and waits to
// be reaped. The ids are Yubico's, because libykpers looks for no others; the serial number and the
// strings mark the key as virtual.
#include <fmt/format.h>
#include <glib-unix.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <deque>
#include <optional>

#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/program.h"
#include "devices/virtual/transports/yubikey_setup.h"

namespace countersign::virtual_yubikey {
namespace {

using Steady = std::chrono::steady_clock;
using virtual_key::Listener;
using virtual_key::Object;

constexpr const char* usb_node = "/dev/bus/usb/001/002";
constexpr unsigned vendor_id = 0x1050,
                   product_id = 0x0401;  // YubiKey 4 and 5 with the OTP interface alone
constexpr const char* manufacturer = "Countersign";
constexpr const char* product = "Virtual YubiKey OTP";

// HID 1.11 appendix B.1, E.6: a boot keyboard with a feature report of eight octets.
constexpr std::array<Byte, 71> report_descriptor{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07,
                                                 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01,
                                                 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01,
                                                 0x75, 0x08, 0x81, 0x01, 0x95, 0x05, 0x75, 0x01,
                                                 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02,
                                                 0x95, 0x01, 0x75, 0x03, 0x91, 0x01, 0x95, 0x06,
                                                 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07,
                                                 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0x09, 0x03,
                                                 0x75, 0x08, 0x95, 0x08, 0xb1};  // ... 0x02, 0xc0
constexpr std::size_t report_descriptor_size = report_descriptor.size() + 2;

// USB 2.0 §9.6: device, configuration, interface, HID, endpoint.
Bytes device_descriptor(const State& state) {
  const auto bcd = static_cast<unsigned>((state.firmware[0] << 8U) | (state.firmware[1] << 4U) |
                                         (state.firmware[2] & 0x0fU));
  return {18,
          1,
          0x00,
          0x02,
          0,
          0,
          0,
          8,
          vendor_id & 0xff,
          vendor_id >> 8U,
          product_id & 0xff,
          product_id >> 8U,
          static_cast<Byte>(bcd),
          static_cast<Byte>(bcd >> 8U),
          1,
          2,
          0,
          1};
}
Bytes configuration_descriptor() {
  return {9,  2,    34,   0,    1, 1, 0,    0x80,
          15,  // configuration: one interface, 30 mA
          9,  4,    0,    0,    1, 3, 1,    1,
          0,  // interface 0: HID, boot, keyboard
          9,  0x21, 0x10, 0x01, 0, 1, 0x22, report_descriptor_size,
          0,                                // HID 1.10
          7,  5,    0x81, 3,    8, 0, 10};  // interrupt in
}

Bytes string_descriptor(unsigned index) {
  if (index == 0) return {4, 3, 0x09, 0x04};  // English
  const std::string_view text = index == 1 ? manufacturer : index == 2 ? product : "";
  Bytes out{static_cast<Byte>(2 + 2 * text.size()), 3};
  for (const char letter : text) {
    out.push_back(static_cast<Byte>(letter));
    out.push_back(0);
  }
  return out;
}

std::string device_tree(const State& state) {
  Bytes descriptors = device_descriptor(state);
  const std::string bcd = fmt::format("{:02x}{:02x}", descriptors[13], descriptors[12]);
  const Bytes configuration = configuration_descriptor();
  descriptors.insert(descriptors.end(), configuration.begin(), configuration.end());
  const std::string device = "/devices/pci0000:00/0000:00:14.0/usb1/1-1";
  return "P: " + device +
         "\nN: bus/usb/001/002=00\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: "
         "BUSNUM=001\nE: DEVNUM=002\nE: MAJOR=189\nE: MINOR=1\n"
         "E: DEVNAME=/dev/bus/usb/001/002\n" +
         fmt::format(
             "E: PRODUCT={:x}/{:x}/{}\nE: ID_VENDOR_ID={:04x}\nE: ID_MODEL_ID={:04x}\nE: "
             "ID_SECURITY_TOKEN=1\n",
             vendor_id, product_id, bcd, vendor_id, product_id) +
         fmt::format(
             "A: idVendor={:04x}\nA: idProduct={:04x}\nA: bcdDevice={}\nA: manufacturer={}\nA: "
             "product={}\n",
             vendor_id, product_id, bcd, manufacturer, product) +
         "A: busnum=1\nA: devnum=2\nA: speed=12\nA: bConfigurationValue=1\nA: "
         "bNumConfigurations=1\nA: bNumInterfaces= 1\nA: bDeviceClass=00\nA: devpath=1\nA: "
         "version= 2.00\n" +
         fmt::format("H: descriptors={:02X}\n\n", fmt::join(descriptors, "")) + "P: " + device +
         "/1-1:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: INTERFACE=3/1/1\nA: "
         "bInterfaceNumber=00\nA: bInterfaceClass=03\nA: bInterfaceSubClass=01\n"
         "A: bInterfaceProtocol=01\nA: bNumEndpoints=01\nA: bAlternateSetting= 0\n\n";
}

// A control transfer's setup packet (USB 2.0 §9.3).
struct Request {
  Byte type, number;
  std::uint16_t value, index, length;
};

class Device {
 public:
  explicit Device(Played& played) : played_(played) {}

  // What a control transfer brings: data for the host, a stall (-EPIPE), or that the key is gone
  // (-ENODEV).
  struct Answer {
    int status = 0;
    Bytes data;
  };
  Answer control(const Request& request, BytesView out) {
    if (gone_) return {-ENODEV, {}};
    if (request.type == 0x80 && request.number == 6) return descriptor(request.value);
    if (request.type == 0x81 && request.number == 6 && request.value == 0x2200) {
      Bytes all(report_descriptor.begin(), report_descriptor.end());
      all.insert(all.end(), {0x02, 0xc0});
      return {0, std::move(all)};
    }
    if (request.type == 0x80 && request.number == 0) return {0, {0, 0}};  // GET_STATUS
    if (request.type == 0xa1 && request.number == 1) return read();
    if (request.type == 0x21 && request.number == 9 && out.size() == report_size) return write(out);
    if (request.type == 0x21 && request.number == 10) return {};  // SET_IDLE
    return {-EPIPE, {}};
  }

  // Plugged in again, for whoever opens it next.
  void opened() {
    gone_ = false;
    played_.interface.opened();
  }
  void pull_out() {
    gone_ = true;
    played_.interface.replug();
  }

 private:
  Answer descriptor(std::uint16_t value) {
    if (value >> 8U == 1) return {0, device_descriptor(played_.key.state())};
    if (value >> 8U == 2) return {0, configuration_descriptor()};
    if (value >> 8U == 3) return {0, string_descriptor(value & 0xffU)};
    return {-EPIPE, {}};
  }
  Answer read() {
    const auto report = played_.interface.read(Steady::now());
    if (!report) return pull_out(), Answer{-ENODEV, {}};
    return {0, Bytes(report->begin(), report->end())};
  }
  Answer write(BytesView out) {
    Report report{};
    std::ranges::copy(out, report.begin());
    if (!played_.interface.write(report, Steady::now())) return pull_out(), Answer{-ENODEV, {}};
    return {};
  }

  Played& played_;
  bool gone_ = false;
};

// usbfs on the node.
class Usbfs {
 public:
  explicit Usbfs(Device& device) : device_(device) {}

  // 0 or more, or a negative errno.
  int answer(UMockdevIoctlClient* client) {
    switch (umockdev_ioctl_client_get_request(client)) {
      case USBDEVFS_CLAIMINTERFACE:
      case USBDEVFS_RELEASEINTERFACE:
      case USBDEVFS_SETCONFIGURATION:
      case USBDEVFS_CLEAR_HALT:
      case USBDEVFS_RESET:
        return 0;
      case USBDEVFS_GETDRIVER:
        return -ENODATA;
      case USBDEVFS_GET_CAPABILITIES:
        return -ENOTTY;  // as an old kernel; libusb then assumes nothing
      case USBDEVFS_SUBMITURB:
        return submit(client);
      case USBDEVFS_REAPURB:
      case USBDEVFS_REAPURBNDELAY:
        return reap(client);
      case USBDEVFS_DISCARDURB:
        return -EINVAL;  // all are done already
      default:
        return -ENOTTY;
    }
  }
  void closed() { done_.clear(); }

 private:
  using Data = Object<UMockdevIoctlData>;

  static Data resolve(UMockdevIoctlData* from, std::size_t offset, std::size_t size) {
    GError* error = nullptr;
    Data data(umockdev_ioctl_data_resolve(from, offset, size, &error));
    g_clear_error(&error);
    return data;
  }

  int submit(UMockdevIoctlClient* client) {
    Data block = resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(usbdevfs_urb));
    if (block == nullptr || static_cast<std::size_t>(block->data_len) < sizeof(usbdevfs_urb))
      return -EFAULT;
    usbdevfs_urb urb{};
    std::memcpy(&urb, block->data, sizeof urb);
    if (urb.type != USBDEVFS_URB_TYPE_CONTROL || urb.buffer_length < 8) return -EINVAL;
    const Data buffer = resolve(block.get(), offsetof(usbdevfs_urb, buffer),
                                static_cast<std::size_t>(urb.buffer_length));
    if (buffer == nullptr) return -EFAULT;
    const BytesView sent(buffer->data, static_cast<std::size_t>(urb.buffer_length));
    const auto number = [&](std::size_t at) {
      return static_cast<std::uint16_t>(sent[at] | static_cast<unsigned>(sent[at + 1]) << 8U);
    };
    const Request request{sent[0], sent[1], number(2), number(4), number(6)};
    Device::Answer answer = device_.control(request, sent.subspan(8));
    urb.status = answer.status;
    if ((request.type & 0x80U) != 0) {
      answer.data.resize(
          std::min<std::size_t>({answer.data.size(), request.length, sent.size() - 8}));
      if (!answer.data.empty())
        umockdev_ioctl_data_update(buffer.get(), 8, answer.data.data(),
                                   static_cast<gint>(answer.data.size()));
      urb.actual_length = static_cast<int>(answer.data.size());
    } else {
      urb.actual_length = answer.status == 0 ? request.length : 0;
    }
    umockdev_ioctl_data_update(block.get(), 0, reinterpret_cast<guint8*>(&urb), sizeof urb);
    done_.push_back(std::move(block));
    return 0;
  }

  int reap(UMockdevIoctlClient* client) {
    if (done_.empty()) return -EAGAIN;
    const Data target = resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(void*));
    if (target == nullptr) return -EFAULT;
    umockdev_ioctl_data_set_ptr(target.get(), 0, done_.front().get());
    done_.pop_front();
    return 0;
  }

  Device& device_;
  std::deque<Data> done_;
};

class Runner {
 public:
  Runner(Played& played, const virtual_key::RunOptions& options, std::optional<Listener> control)
      : played_(played),
        control_(std::move(control)),
        device_(played),
        usbfs_(device_),
        program_(options) {}
  ~Runner() {
    if (testbed_ != nullptr) umockdev_testbed_detach_ioctl(testbed_.get(), usb_node, nullptr);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Result<int> run() {
    testbed_.reset(umockdev_testbed_new());
    TRY(virtual_key::add_device(testbed_.get(), device_tree(played_.key.state())));
    // The node leads to /dev/null: always writable, as usbfs is with transfers that are done; and
    // in the real /dev, where the reader's sandbox lets it be opened.
    TRY(virtual_key::link_node(testbed_.get(), usb_node, "/dev/null"));
    ioctls_.reset(umockdev_ioctl_base_new());
    g_signal_connect_data(ioctls_.get(), "handle-ioctl",
                          reinterpret_cast<GCallback>(&Runner::on_ioctl), this, nullptr,
                          GConnectFlags{});
    g_signal_connect_data(ioctls_.get(), "client-connected",
                          reinterpret_cast<GCallback>(&Runner::on_opened), this, nullptr,
                          GConnectFlags{});
    g_signal_connect_data(ioctls_.get(), "client-vanished",
                          reinterpret_cast<GCallback>(&Runner::on_closed), this, nullptr,
                          GConnectFlags{});
    TRY(virtual_key::answer_ioctls(testbed_.get(), usb_node, ioctls_.get()));
    if (control_) g_unix_fd_add(control_->fd(), G_IO_IN, &Runner::on_control, this);
    return program_.run(testbed_.get());
  }

 private:
  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self) {
    const int result = static_cast<Runner*>(self)->usbfs_.answer(client);
    umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
    return TRUE;
  }
  static gboolean on_opened(UMockdevIoctlBase*, UMockdevIoctlClient*, gpointer self) {
    static_cast<Runner*>(self)->device_.opened();
    return TRUE;
  }
  static gboolean on_closed(UMockdevIoctlBase*, UMockdevIoctlClient*, gpointer self) {
    static_cast<Runner*>(self)->usbfs_.closed();
    return TRUE;
  }
  static gboolean on_control(gint, GIOCondition, gpointer self) {
    auto& runner = *static_cast<Runner*>(self);
    virtual_key::serve_control(*runner.control_, [&runner](std::string_view command) {
      if (command == "power-cycle") runner.device_.pull_out();
      return obey(runner.played_, command);
    });
    return G_SOURCE_CONTINUE;
  }

  Played& played_;
  std::optional<Listener> control_;
  Device device_;
  Usbfs usbfs_;
  Object<UMockdevTestbed> testbed_;
  Object<UMockdevIoctlBase> ioctls_;
  virtual_key::Program program_;
};

}  // namespace

Result<int> run_program(const Setup& setup, const virtual_key::RunOptions& options) {
  const auto played = TRY(make_key(setup));
  auto control = TRY(virtual_key::open_control(setup.control));
  return Runner(*played, options, std::move(control)).run();
}

}  // namespace countersign::virtual_yubikey
