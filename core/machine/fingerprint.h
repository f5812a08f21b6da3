// SPDX-License-Identifier: Apache-2.0
// A host's fingerprint: keyed digests of its facts. What leaves the machine and what the store
// keeps.
#pragma once

#include <array>
#include <compare>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/machine/machine.h"

namespace countersign::machine {

// HMAC-SHA-256 under the site's salt over "countersign-machine-v1" | 0 | the component's name | 0 |
// the normalized value; its first 16 octets. Two sites' digests of one machine have nothing in
// common. A MAC address can be guessed by whoever has the salt.
using Digest = std::array<Byte, 16>;

struct Mark {
  Component component{};
  Digest digest{};
  auto operator<=>(const Mark&) const = default;
};

inline constexpr std::size_t most_marks = 64;
inline constexpr std::size_t salt_size = 32;  // of a site's salt: random, made once

struct Fingerprint {
  bool virtual_machine = false;
  std::vector<Mark> marks;  // ascending, each once; worthless facts have none
  bool operator==(const Fingerprint&) const = default;
};

[[nodiscard]] Fingerprint fingerprint(const Facts& facts, const Secret& site_salt);

// Octets, one form only: version 1 | flags (bit 0: virtual machine) | number of marks | each mark
// as its component's number and digest.
[[nodiscard]] Bytes encode(const Fingerprint& fingerprint);
// invalid: not what encode makes, or components that nobody knows.
[[nodiscard]] Result<Fingerprint> decode_fingerprint(BytesView octets);

}  // namespace countersign::machine
