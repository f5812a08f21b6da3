// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/directory.h"

#include <fcntl.h>
#include <libudev.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/descriptor.h"
#include "core/base/text.h"
#include "devices/usb/hid_descriptor.h"
#include "devices/usb/known_tokens.h"

namespace countersign::devices::usb {
namespace {

constexpr std::size_t longest_descriptor = 4096;  // HID_MAX_DESCRIPTOR_SIZE of the kernel
constexpr std::uint16_t yubico = 0x1050;

struct Released {
  void operator()(udev_device* device) const { udev_device_unref(device); }
  void operator()(udev_enumerate* list) const { udev_enumerate_unref(list); }
};
using UdevDevice = std::unique_ptr<udev_device, Released>;
using Enumerate = std::unique_ptr<udev_enumerate, Released>;

std::string_view view(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

// Texts of a token's descriptors: whatever it says, one plain line.
std::string shown(const char* text) { return escape_text(view(text).substr(0, 128)); }

std::uint16_t hex16(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return static_cast<std::uint16_t>(number);
}

std::vector<Usage> usages_of(udev_device* hid) {
  const Descriptor file(
      open((std::string(view(udev_device_get_syspath(hid))) + "/report_descriptor").c_str(),
           O_RDONLY | O_CLOEXEC));
  Bytes descriptor(longest_descriptor);
  std::size_t size = 0;
  while (file && size < descriptor.size()) {
    const ssize_t got = read(file.get(), descriptor.data() + size, descriptor.size() - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  return top_level_usages(BytesView(descriptor).first(size));
}

bool has(const std::vector<Usage>& usages, const Usage& usage) {
  return std::ranges::find(usages, usage) != usages.end();
}

// Who made it: of the USB device, or where there is none (uhid) of the HID device: HID_ID is
// BUS:VENDOR:PRODUCT in hex.
struct Identity {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint16_t bcd_device = 0;
  std::string name;
  std::string serial;
  std::string whole;  // the same for all interfaces of one token
};

Identity identify(udev_device* hidraw, udev_device* hid) {
  Identity identity;
  if (udev_device* usb = udev_device_get_parent_with_subsystem_devtype(hidraw, "usb", "usb_device");
      usb != nullptr) {
    const auto attribute = [&](const char* name) {
      return udev_device_get_sysattr_value(usb, name);
    };
    identity = {.vendor = hex16(view(attribute("idVendor"))),
                .product = hex16(view(attribute("idProduct"))),
                .bcd_device = hex16(view(attribute("bcdDevice"))),
                .name = shown(attribute("product")),
                .serial = shown(attribute("serial")),
                .whole = std::string(view(udev_device_get_syspath(usb)))};
    return identity;
  }
  const std::string_view id = view(udev_device_get_property_value(hid, "HID_ID"));
  const auto vendor = id.find(':');
  const auto product = id.rfind(':');
  if (vendor != std::string_view::npos && product > vendor) {
    identity.vendor = hex16(id.substr(vendor + 1, product - vendor - 1));
    identity.product = hex16(id.substr(product + 1));
  }
  identity.name = shown(udev_device_get_property_value(hid, "HID_NAME"));
  identity.serial = shown(udev_device_get_property_value(hid, "HID_UNIQ"));
  identity.whole = std::string(view(udev_device_get_syspath(hid)));
  return identity;
}

struct Found {
  std::string whole;
  bool fido = false;
  Device device;
};

std::optional<Found> look_at(udev_device* hidraw) {
  udev_device* hid = udev_device_get_parent_with_subsystem_devtype(hidraw, "hid", nullptr);
  const char* node = udev_device_get_devnode(hidraw);
  if (hid == nullptr || node == nullptr) return std::nullopt;
  const std::vector<Usage> usages = usages_of(hid);
  const Identity identity = identify(hidraw, hid);
  const bool fido = has(usages, fido_usage);
  if (!fido && !(identity.vendor == yubico && has(usages, keyboard_usage))) return std::nullopt;
  const KnownToken* known = find_known(identity.vendor, identity.product);
  Device device{
      .id = std::string(view(udev_device_get_sysname(hidraw))),
      .transport = Transport::usb,
      .model = known != nullptr ? model_of(*known, identity.bcd_device) : identity.name,
      .serial = identity.serial,
      .firmware = known != nullptr ? firmware_of(*known, identity.bcd_device) : std::string(),
      .vendor = identity.vendor,
      .product = identity.product,
      .capabilities =
          fido ? fido_capabilities(known, identity.bcd_device) : std::vector{Capability::otp},
      .node = node};
  if (access(node, R_OK | W_OK) != 0 && errno != ENOENT) device.trouble = Trouble::permission;
  return Found{identity.whole, fido, std::move(device)};
}

// A YubiKey with an OTP interface, as the USB device that it is: whoever uses its slots takes the
// keyboard from the kernel meanwhile, and its hidraw node is away.
std::optional<Found> look_at_usb(udev_device* usb) {
  const auto attribute = [&](const char* name) { return udev_device_get_sysattr_value(usb, name); };
  const std::uint16_t vendor = hex16(view(attribute("idVendor"))),
                      product = hex16(view(attribute("idProduct"))),
                      bcd = hex16(view(attribute("bcdDevice")));
  const KnownToken* known = vendor == yubico ? find_known(vendor, product) : nullptr;
  const char* node = udev_device_get_devnode(usb);
  if (known == nullptr || (known->interfaces & Interfaces::otp) == 0 || node == nullptr)
    return std::nullopt;
  const std::string path(view(udev_device_get_syspath(usb)));
  Device device{.id = "usb-" + std::string(view(udev_device_get_sysname(usb))),
                .transport = Transport::usb,
                .model = model_of(*known, bcd),
                .serial = shown(attribute("serial")),
                .firmware = firmware_of(*known, bcd),
                .vendor = vendor,
                .product = product,
                .capabilities = {Capability::otp},
                .node = path,
                .otp_node = path};
  if (access(node, R_OK | W_OK) != 0 && errno != ENOENT) device.trouble = Trouble::permission;
  return Found{path, false, std::move(device)};
}

// Interfaces of the same token become one Device.
void merge(std::vector<Found>& tokens, Found found) {
  const auto same = std::ranges::find(tokens, found.whole, &Found::whole);
  if (same == tokens.end()) {
    tokens.push_back(std::move(found));
    return;
  }
  if (found.fido && !same->fido) std::swap(*same, found);
  if (same->device.otp_node.empty()) same->device.otp_node = found.device.otp_node;
  for (const Capability capability : found.device.capabilities)
    if (std::ranges::find(same->device.capabilities, capability) == same->device.capabilities.end())
      same->device.capabilities.push_back(capability);
}

}  // namespace

void Directory::Closed::operator()(udev* library) const { udev_unref(library); }
void Directory::Closed::operator()(udev_monitor* monitor) const { udev_monitor_unref(monitor); }

Result<Directory> Directory::open(Events events) {
  Directory directory;
  directory.udev_.reset(udev_new());
  if (directory.udev_ == nullptr) return fail(Code::internal, "libudev can't be used");
  if (events == Events::none) return directory;
  const char* source =
      events == Events::udevd && access("/run/udev/control", F_OK) == 0 ? "udev" : "kernel";
  directory.monitor_.reset(udev_monitor_new_from_netlink(directory.udev_.get(), source));
  if (directory.monitor_ == nullptr ||
      udev_monitor_filter_add_match_subsystem_devtype(directory.monitor_.get(), "hidraw", nullptr) <
          0 ||
      udev_monitor_filter_add_match_subsystem_devtype(directory.monitor_.get(), "usb",
                                                      "usb_device") < 0 ||
      udev_monitor_enable_receiving(directory.monitor_.get()) < 0)
    return fail(Code::unavailable, "hot-plug events can't be had from udev");
  return directory;
}

std::vector<Device> Directory::present() const {
  std::vector<Found> tokens;
  const auto look_through = [&](const char* subsystem, auto look) {
    const Enumerate list(udev_enumerate_new(udev_.get()));
    if (list == nullptr || udev_enumerate_add_match_subsystem(list.get(), subsystem) < 0 ||
        udev_enumerate_scan_devices(list.get()) < 0)
      return;
    for (udev_list_entry* entry = udev_enumerate_get_list_entry(list.get()); entry != nullptr;
         entry = udev_list_entry_get_next(entry)) {
      const UdevDevice device(
          udev_device_new_from_syspath(udev_.get(), udev_list_entry_get_name(entry)));
      if (device == nullptr) continue;  // gone meanwhile
      if (auto found = look(device.get())) merge(tokens, std::move(*found));
    }
  };
  look_through("usb", look_at_usb);
  look_through("hidraw", look_at);
  std::vector<Device> devices;
  for (Found& token : tokens) devices.push_back(std::move(token.device));
  std::ranges::sort(devices, {}, &Device::id);
  return devices;
}

int Directory::events() const {
  return monitor_ != nullptr ? udev_monitor_get_fd(monitor_.get()) : -1;
}

void Directory::drain() {
  while (const UdevDevice event{udev_monitor_receive_device(monitor_.get())}) continue;
}

}  // namespace countersign::devices::usb
