// SPDX-License-Identifier: Apache-2.0
#include "core/machine/machine.h"

#include <algorithm>
#include <span>
#include <utility>

namespace countersign::machine {
namespace {

// What makers leave in, compared after normalized(). Anything that begins with one of the second
// list is filler, too.
constexpr auto fillers = std::to_array<std::string_view>({"none",
                                                          "n/a",
                                                          "na",
                                                          "null",
                                                          "oem",
                                                          "invalid",
                                                          "unknown",
                                                          "default",
                                                          "empty",
                                                          "not available",
                                                          "not applicable",
                                                          "not specified",
                                                          "not present",
                                                          "to be filled",
                                                          "uninitialized",
                                                          "system serial number",
                                                          "base board serial number",
                                                          "serial number",
                                                          "board serial number",
                                                          "chassis serial number",
                                                          "123456789",
                                                          "1234567890",
                                                          "0123456789",
                                                          "12345678",
                                                          "1234567",
                                                          "123456",
                                                          "12345",
                                                          "1234",
                                                          "01234567890123456789abcde",
                                                          "sernum0",
                                                          "s/n",
                                                          "sn",
                                                          "eval",
                                                          "type2 - board serial number",
                                                          "mb-1234567890",
                                                          ".",
                                                          "..",
                                                          "*"});
constexpr auto filler_beginnings = std::to_array<std::string_view>(
    {"to be filled", "default string", "not specified", "o.e.m", "system manufacturer", "xxxx"});

// UUIDs that firmware is shipped with: on every board of a maker, or of everybody.
constexpr auto common_uuids = std::to_array<std::string_view>(
    {"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
     "12345678-1234-5678-90ab-cddeefaabbcc", "4c4c4544-0000-2010-8020-80c04f202020",
     "fefefefe-fefe-fefe-fefe-fefefefefefe", "03aa02fc-0414-0523-3506-2f0700080009",
     "11111111-2222-3333-4444-555555555555", "00000000-0000-0000-0000-ac1f6b000000"});

constexpr auto common_macs = std::to_array<std::string_view>(
    {"00:11:22:33:44:55", "00:01:02:03:04:05", "00:12:34:56:78:9a", "00:00:00:00:00:01",
     "88:88:88:88:87:88", "00:e0:4c:68:00:01", "00:e0:4c:36:00:01"});

constexpr std::size_t shortest_serial = 4;

bool among(std::span<const std::string_view> all, std::string_view value) {
  return std::ranges::find(all, value) != all.end();
}

// Of its letters and digits, all are the same one, or there are none.
bool one_character(std::string_view value) {
  char seen = 0;
  for (const char c : value) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) continue;
    if (seen != 0 && c != seen) return false;
    seen = c;
  }
  return true;
}

std::string_view worthless_mac(std::string_view mac, bool virtual_machine) {
  if (mac.size() != 17) return "not an Ethernet address";
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  const int low = digit(mac[1]);
  if (low < 0 || (low & 1) != 0) return "not the address of one interface";
  if ((low & 2) != 0 && !virtual_machine) return "made up by software, not the maker's";
  if (among(common_macs, mac)) return "the same on many machines";
  return {};
}

}  // namespace

Weight weight_of(Component component) {
  switch (component) {
    case Component::machine_id:
      return {20, 20};
    case Component::product_uuid:
      return {30, 30};
    case Component::board_serial:
      return {25, 25};
    case Component::cpu_model:
      return {0, 10};
    case Component::root_disk:
      return {20, 20};
    case Component::mac:
      return {20, 20};
    case Component::hostname:
      return {0, 0};
  }
  std::unreachable();
}

std::string normalized(std::string_view value) {
  const auto blank = [](char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
  };
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && blank(value.back())) value.remove_suffix(1);
  std::string out(value);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view worthless(const Fact& fact, bool virtual_machine) {
  const std::string value = normalized(fact.value);
  if (value.empty()) return "empty";
  if (fact.component == Component::cpu_model || fact.component == Component::hostname) return {};
  if (one_character(value)) return "one character over and over";
  if (fact.component == Component::mac) return worthless_mac(value, virtual_machine);
  if (value.size() < shortest_serial) return "too short to be a serial";
  if (among(fillers, value)) return "a maker's filler";
  if (std::ranges::any_of(filler_beginnings,
                          [&](std::string_view beginning) { return value.starts_with(beginning); }))
    return "a maker's filler";
  if (fact.component == Component::product_uuid && among(common_uuids, value))
    return "the same on many machines";
  return {};
}

std::string_view about(Component component) {
  switch (component) {
    case Component::machine_id:
      return "made when the system was installed; goes along with a copied disk image";
    case Component::product_uuid:
      return "of the mainboard, or given to a virtual machine; changes when one is cloned";
    case Component::board_serial:
      return "of the mainboard";
    case Component::cpu_model:
      return "many machines have the same: a match counts nothing, another model counts against";
    case Component::root_disk:
      return "serial of the disk under /; goes along when the disk is moved";
    case Component::mac:
      return "permanent addresses of built-in network interfaces, sharing one weight";
    case Component::hostname:
      return "shown for people; names change, so it weighs nothing";
  }
  std::unreachable();
}

}  // namespace countersign::machine
