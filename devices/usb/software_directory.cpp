// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/software_directory.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <cstring>
#include <fstream>

#include "core/base/text.h"
#include "core/encoding/json.h"

namespace countersign::devices::usb {
namespace {

constexpr std::size_t longest_json = 16 * 1024;
constexpr std::size_t most_tokens = 64;
constexpr std::string_view ending = ".sock";

std::string text_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? escape_text(std::string_view(*text).substr(0, 128)) : std::string();
}

std::uint16_t number_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* number = value != nullptr ? value->if_int64() : nullptr;
  return number != nullptr && *number >= 0 && *number <= 0xffff
             ? static_cast<std::uint16_t>(*number)
             : std::uint16_t{0};
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(longest_json, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

Result<Device> software_token(const std::string& name, const std::filesystem::path& socket,
                              std::string_view json) {
  const auto value = formats::parse_json(json, 8);
  const auto* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return fail(Code::corrupt, "no JSON object");
  Device device{.id = "software-" + name,
                .transport = Transport::software,
                .model = text_of(*object, "product"),
                .serial = text_of(*object, "serial"),
                .firmware = text_of(*object, "firmware"),
                .vendor = number_of(*object, "vendor_id"),
                .product = number_of(*object, "product_id"),
                .node = socket.string()};
  const std::string kind = text_of(*object, "kind");
  if (kind == "fido2")
    device.capabilities = {Capability::fido2, Capability::u2f};
  else if (kind == "piv")
    device.capabilities = {Capability::piv};
  else if (kind == "openpgp")
    device.capabilities = {Capability::openpgp};
  else if (kind == "yubikey")
    device.capabilities = {Capability::otp};
  else if (kind == "card")
    device.capabilities = {Capability::piv, Capability::openpgp};  // opening it tells which
  else
    device.trouble = Trouble::unknown_type;
  return device;
}

Result<SoftwareDirectory> SoftwareDirectory::open(const std::filesystem::path& folder,
                                                  bool watched) {
  SoftwareDirectory directory;
  directory.folder_ = folder;
  if (!watched) return directory;
  directory.watch_ = Descriptor(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  constexpr std::uint32_t events =
      IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR;
  if (!directory.watch_ || inotify_add_watch(directory.watch_.get(), folder.c_str(), events) < 0)
    return fail(Code::unavailable,
                fmt::format("the folder of software tokens {} can't be watched: {}",
                            folder.string(), std::strerror(errno)));
  return directory;
}

std::vector<Device> SoftwareDirectory::present() const {
  std::vector<Device> devices;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_, error), end;
       !error && entry != end && devices.size() < most_tokens; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    std::error_code gone;
    if (!file.ends_with(ending) || !entry->is_socket(gone) || !is_utf8(file) ||
        escape_text(file) != file)
      continue;
    auto device = software_token(file.substr(0, file.size() - ending.size()), entry->path(),
                                 read_file(entry->path().string() + ".json"));
    if (!device) continue;
    if (access(device->node.c_str(), R_OK | W_OK) != 0) device->trouble = Trouble::permission;
    devices.push_back(std::move(*device));
  }
  std::ranges::sort(devices, {}, &Device::id);
  return devices;
}

void SoftwareDirectory::drain() {
  std::array<char, 4096> events;
  while (read(watch_.get(), events.data(), events.size()) > 0) continue;
}

}  // namespace countersign::devices::usb
