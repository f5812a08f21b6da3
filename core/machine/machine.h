// SPDX-License-Identifier: Apache-2.0
// What tells one host from another: its components, what each weighs, and which values say nothing.
// Pure; who collects facts is daemon/machine_facts. Facts are raw serials: they are shown to
// whoever sits at the machine and leave it only as digests (machine_fingerprint.h).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"

namespace countersign::machine {

// The numbers stand in fingerprints (machine_fingerprint.h): none is used again for something else.
enum class Component : Byte {
  machine_id = 1,
  product_uuid = 2,
  board_serial = 3,
  cpu_model = 4,
  root_disk = 5,
  mac = 6,
  hostname = 7
};

inline constexpr std::array all_components = {
    Component::machine_id, Component::product_uuid, Component::board_serial, Component::cpu_model,
    Component::root_disk,  Component::mac,          Component::hostname};

// A component may have several: disks under one root, network interfaces.
struct Fact {
  Component component{};
  std::string value;  // as the system has it
  bool operator==(const Fact&) const = default;
};

struct Facts {
  std::vector<Fact> facts;
  std::vector<Component> unreadable;  // there, but only root may read it
  bool virtual_machine = false;
  bool operator==(const Facts&) const = default;
};

// What a component counts, of the points that all have together (machine_match.h). The same value
// supports, another one contradicts.
struct Weight {
  int supports = 0;
  int contradicts = 0;
};
[[nodiscard]] Weight weight_of(Component component);

// Percent of the points that can be had; a match at or above is the same machine.
inline constexpr int threshold = 60;
// Points that a baseline needs to have for telling anything.
inline constexpr int least_evidence = 40;

// Lower case, without spaces at the ends: what is digested.
[[nodiscard]] std::string normalized(std::string_view value);

// Why a value weighs nothing, for people: absent, all zero, a maker's filler, known to be the same
// on many machines. Empty: it weighs.
[[nodiscard]] std::string_view worthless(const Fact& fact, bool virtual_machine);

// What the component is and why it weighs what it does; one sentence.
[[nodiscard]] std::string_view about(Component component);

}  // namespace countersign::machine

namespace countersign {
template <>
inline constexpr auto enum_names<machine::Component> = std::to_array<EnumName<machine::Component>>({
    {machine::Component::machine_id, "machine-id"},
    {machine::Component::product_uuid, "product-uuid"},
    {machine::Component::board_serial, "board-serial"},
    {machine::Component::cpu_model, "cpu-model"},
    {machine::Component::root_disk, "root-disk"},
    {machine::Component::mac, "mac"},
    {machine::Component::hostname, "hostname"},
});
}  // namespace countersign
