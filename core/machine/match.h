// SPDX-License-Identifier: Apache-2.0
// Whether a fingerprint is that of the machine that was recognized before, and what happened to it
// if not. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/machine/fingerprint.h"

namespace countersign::machine {

enum class Outcome {
  // the same machine
  same,
  changed_hostname,
  replaced_nic,
  replaced_disk,
  reinstalled_os,  // other machine-id, same hardware
  drifted,         // several of these, or others; Match::components says which
  // unrecognized, whatever its key is
  copied_disk_image,  // the system of that machine on other hardware, on another disk
  moved_disk,         // that machine's own disk in other hardware
  cloned_vm,          // the same system in another virtual machine
  copied_key,         // the key, and nothing else
  other_machine,      // below the threshold, in no way that has a name
  too_little,         // the baseline knows too little of that machine to tell it from others
};

enum class Compared { same, partly, changed, missing, added };

struct ComponentMatch {
  Component component{};
  Compared how = Compared::same;
  int points = 0;  // got
  int of = 0;      // that could be had
  bool operator==(const ComponentMatch&) const = default;
};

struct Match {
  bool recognized = false;
  Outcome outcome = Outcome::too_little;
  int percent = 0;
  std::vector<ComponentMatch> components;  // those that either side has
  bool operator==(const Match&) const = default;
};

// baseline: as of the last verification there. Whoever verifies there next gives a new baseline
// (drifted is recognized, and stays so).
[[nodiscard]] Match compare(const Fingerprint& baseline, const Fingerprint& now);

// "recognized: replaced-nic (83 of 100; changed: mac)", for messages and the record; no digest in
// it.
[[nodiscard]] std::string describe(const Match& match);

}  // namespace countersign::machine

namespace countersign {
template <>
inline constexpr auto enum_names<machine::Outcome> = std::to_array<EnumName<machine::Outcome>>({
    {machine::Outcome::same, "same"},
    {machine::Outcome::changed_hostname, "changed-hostname"},
    {machine::Outcome::replaced_nic, "replaced-nic"},
    {machine::Outcome::replaced_disk, "replaced-disk"},
    {machine::Outcome::reinstalled_os, "reinstalled-os"},
    {machine::Outcome::drifted, "drifted"},
    {machine::Outcome::copied_disk_image, "copied-disk-image"},
    {machine::Outcome::moved_disk, "moved-disk"},
    {machine::Outcome::cloned_vm, "cloned-vm"},
    {machine::Outcome::copied_key, "copied-key"},
    {machine::Outcome::other_machine, "other-machine"},
    {machine::Outcome::too_little, "too-little"},
});
template <>
inline constexpr auto enum_names<machine::Compared> =
    std::to_array<EnumName<machine::Compared>>({{machine::Compared::same, "same"},
                                                {machine::Compared::partly, "partly"},
                                                {machine::Compared::changed, "changed"},
                                                {machine::Compared::missing, "missing"},
                                                {machine::Compared::added, "added"}});
}  // namespace countersign
