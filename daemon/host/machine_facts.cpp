// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/machine_facts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <vector>

#include "daemon/base/safe_file.h"

namespace countersign {
namespace {

using machine::Component;
using machine::Facts;
namespace fs = std::filesystem;

constexpr std::size_t most_octets =
    16 * 1024;                           // of a file; /proc/cpuinfo's first processor is in there
constexpr std::size_t most_values = 16;  // of one component
constexpr int deepest_stack = 8;         // of encryption, volumes and RAID under a root

struct Read {
  std::string content;
  bool unreadable = false;
};

Read read(const fs::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return {.content = {}, .unreadable = errno == EACCES || errno == EPERM};
  Read result;
  result.content.resize(most_octets);
  std::size_t size = 0;
  while (size < most_octets) {
    const ssize_t got = ::read(file.get(), result.content.data() + size, most_octets - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  result.content.resize(size);
  return result;
}

std::string line_of(const fs::path& path) { return machine::normalized(read(path).content); }

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) all.push_back(entry.path());
  std::ranges::sort(all);
  return all;
}

class Collector {
 public:
  explicit Collector(const std::string& root) : root_(root.empty() ? "/" : root) {}

  Facts collect() {
    facts_.virtual_machine = is_virtual();
    take(Component::machine_id, {"etc/machine-id", "var/lib/dbus/machine-id"});
    take(Component::product_uuid, {"sys/class/dmi/id/product_uuid"});
    take(Component::board_serial,
         {"sys/class/dmi/id/board_serial", "sys/firmware/devicetree/base/serial-number"});
    add(Component::cpu_model, cpu_model());
    for (const fs::path& disk : root_disks()) add(Component::root_disk, serial_of(disk));
    for (const fs::path& interface : entries(root_ / "sys/class/net"))
      add(Component::mac, permanent_address(interface));
    add(Component::hostname, line_of(root_ / "etc/hostname"));
    return std::move(facts_);
  }

 private:
  void add(Component component, std::string value) {
    const auto have = std::ranges::count(facts_.facts, component, &machine::Fact::component);
    if (!value.empty() && static_cast<std::size_t>(have) < most_values)
      facts_.facts.push_back({component, std::move(value)});
  }

  // The first of these files that says something.
  void take(Component component, std::initializer_list<const char*> paths) {
    bool unreadable = false;
    for (const char* path : paths) {
      const Read found = read(root_ / path);
      unreadable = unreadable || found.unreadable;
      std::string value = machine::normalized(found.content);
      if (value.empty()) continue;
      return add(component, std::move(value));
    }
    if (unreadable) facts_.unreadable.push_back(component);
  }

  [[nodiscard]] bool is_virtual() const {
    const std::string vendor = line_of(root_ / "sys/class/dmi/id/sys_vendor");
    const std::string product = line_of(root_ / "sys/class/dmi/id/product_name");
    for (const std::string_view name :
         {"qemu", "vmware", "innotek", "xen", "bochs", "amazon ec2", "google", "openstack",
          "parallels", "digitalocean", "red hat"})
      if (vendor.starts_with(name))
        return !product.ends_with(".metal");  // Amazon's machines without a hypervisor
    if (vendor == "microsoft corporation" && product == "virtual machine") return true;
    for (const std::string& flag : words(cpu_line("flags")))
      if (flag == "hypervisor") return true;
    return line_of(root_ / "sys/hypervisor/type") == "xen";
  }

  // /proc/cpuinfo of the first processor.
  [[nodiscard]] std::string cpu_line(std::string_view key) const {
    const std::string content = read(root_ / "proc/cpuinfo").content;
    for (std::size_t at = 0; at < content.size();) {
      const std::size_t end = std::min(content.find('\n', at), content.size());
      const std::string_view line = std::string_view(content).substr(at, end - at);
      const std::size_t colon = line.find(':');
      if (colon != std::string_view::npos && machine::normalized(line.substr(0, colon)) == key) {
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        return std::string(value);
      }
      at = end + 1;
    }
    return {};
  }

  [[nodiscard]] std::string cpu_model() const {
    for (const char* key : {"model name", "hardware", "cpu part"})
      if (std::string value = cpu_line(key); !value.empty()) return value;
    return {};
  }

  static std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
      if (end > at) all.emplace_back(text.substr(at, end - at));
      at = end + 1;
    }
    return all;
  }

  // The block device under "/": /proc/self/mountinfo (proc(5)) has its numbers, or its name where a
  // filesystem makes up numbers (btrfs).
  [[nodiscard]] fs::path root_device() const {
    const std::string content = read(root_ / "proc/self/mountinfo").content;
    fs::path device;
    for (std::size_t at = 0; at < content.size();) {
      const std::size_t end = std::min(content.find('\n', at), content.size());
      const std::vector<std::string> fields = words(std::string_view(content).substr(at, end - at));
      at = end + 1;
      const auto dash = std::ranges::find(fields, "-");
      if (fields.size() < 7 || fields[4] != "/" || fields.end() - dash < 3) continue;
      const std::string& source = *(dash + 2);
      const bool numbered = !fields[2].starts_with("0:");
      // A later mount at the same place covers the one before.
      device = numbered ? root_ / "sys/dev/block" / fields[2]
               : source.starts_with("/dev/")
                   ? root_ / "sys/class/block" / fs::path(source).filename()
                   : fs::path();
    }
    return device;
  }

  [[nodiscard]] std::vector<fs::path> root_disks() const {
    std::vector<fs::path> disks;
    if (const fs::path device = root_device(); !device.empty())
      descend(device, deepest_stack, disks);
    return disks;
  }

  // Through partitions, encryption, volumes and RAID to what has a serial.
  void descend(const fs::path& device, int depth, std::vector<fs::path>& disks) const {
    std::error_code ignored;
    const fs::path real = fs::canonical(device, ignored);
    if (ignored || depth == 0 || disks.size() >= most_values) return;
    if (fs::exists(real / "partition", ignored))
      return descend(real.parent_path(), depth - 1, disks);
    const std::vector<fs::path> below = entries(real / "slaves");
    for (const fs::path& slave : below) descend(slave, depth - 1, disks);
    if (below.empty()) disks.push_back(real);
  }

  [[nodiscard]] static std::string serial_of(const fs::path& disk) {
    for (const char* name : {"serial", "device/serial"})
      if (std::string value = line_of(disk / name); !value.empty()) return value;
    // SCSI and SATA: page 80h of the vital product data, behind four octets of head (SPC-4
    // §7.8.15).
    if (const std::string page = read(disk / "device/vpd_pg80").content; page.size() > 4)
      if (std::string value = machine::normalized(std::string_view(page).substr(4)); !value.empty())
        return value;
    for (const char* name : {"device/cid", "wwid", "device/wwid"})
      if (std::string value = line_of(disk / name); !value.empty()) return value;
    return {};
  }

  // Of a built-in interface, if it is known: a random or borrowed address is none
  // (addr_assign_type, kernel's sysfs-class-net).
  [[nodiscard]] static std::string permanent_address(const fs::path& interface) {
    std::error_code ignored;
    const fs::path device = fs::canonical(interface / "device", ignored);
    if (ignored || device.string().contains("/usb"))
      return {};  // bridges, tunnels and the like have no device; docks come and go
    if (std::string value = line_of(interface / "phy80211/macaddress"); !value.empty())
      return value;
    if (std::string value = line_of(interface / "bonding_slave/perm_hwaddr"); !value.empty())
      return value;
    return line_of(interface / "addr_assign_type") == "0" ? line_of(interface / "address")
                                                          : std::string();
  }

  const fs::path root_;
  Facts facts_;
};

}  // namespace

machine::Facts collect_machine_facts(const std::string& root) { return Collector(root).collect(); }

}  // namespace countersign
