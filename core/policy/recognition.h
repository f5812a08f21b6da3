// SPDX-License-Identifier: Apache-2.0
// Machines that people sign in from, and for whom each is recognized.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/policy/decide.h"

namespace countersign {

enum class MachineKind { browser, host };
template <>
inline constexpr auto enum_names<MachineKind> = std::to_array<EnumName<MachineKind>>(
    {{MachineKind::browser, "browser"}, {MachineKind::host, "host"}});

enum class MachineStatus { known, forgotten, blocked };
template <>
inline constexpr auto enum_names<MachineStatus> =
    std::to_array<EnumName<MachineStatus>>({{MachineStatus::known, "known"},
                                            {MachineStatus::forgotten, "forgotten"},
                                            {MachineStatus::blocked, "blocked"}});

// That somebody verified there, and for whom it counts.
struct Recognition {
  std::string audience;
  UserId user;           // none: everyone of the audience
  Kind by = Kind::totp;  // the factor; an administrator's word counts as fido2
  Time since{};
  Time last_used{};
  bool operator==(const Recognition&) const = default;
};

struct Machine {
  MachineId id;
  Generation generation = 0;
  MachineKind kind = MachineKind::browser;
  MachineStatus status = MachineStatus::known;
  std::string name;  // for people; may be empty
  Bytes handle;      // unique: of a host the SHA-256 of its public key; of a browser that of its
                     // present cookie value
  Bytes key;         // host: the public key (SubjectPublicKeyInfo)
  Bytes digests;  // host: its fingerprint when it verified last; browser: the handle of the value
                  // before the present one
  bool hardware_bound = false;
  std::vector<Recognition> recognitions =
      {};  // at most most_recognitions, the longest unused go first
  Time created{};
  bool operator==(const Machine&) const = default;
};
inline constexpr std::size_t most_recognitions = 64;

// What the machine is to this user, by policy, now. matches: it proved to be the one that it says,
// fingerprint included. since: recognitions before this moment are forgotten
// (Policies::machines_since).
[[nodiscard]] MachineState state_of(const Machine& machine, bool matches, const Policy& policy,
                                    const User& user, Time since, Time now);

// Notes a verification by this factor; false when policy lets none follow from it. Takes the place
// of what was there for the same user or audience.
[[nodiscard]] bool recognize(Machine& machine, const Policy& policy, const User& user, Kind by,
                             Time now);

// Marks the recognition that let this user in as used; true when that is worth a write: at most
// once an hour.
[[nodiscard]] bool touch(Machine& machine, const Policy& policy, const User& user, Time now);

// Recognitions as stored; unpack: empty for what is not whole.
[[nodiscard]] Bytes pack(const std::vector<Recognition>& recognitions);
[[nodiscard]] Result<std::vector<Recognition>> unpack_recognitions(BytesView packed);

}  // namespace countersign
