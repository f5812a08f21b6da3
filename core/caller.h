// SPDX-License-Identifier: Apache-2.0
// Who asks: told by the kernel, carried to the engine for throttle, audit and pending things.
#pragma once

#include <cstdint>
#include <string>

namespace countersign {

// Out of whose share of what everybody shares it is taken: pending places, workers, turns at the
// tokens (T54).
enum class Share {
  own,     // who speaks for themselves alone
  others,  // verifiers, and who else acts for others
  root,    // root, and the daemon itself
};

struct Holder {
  std::uint32_t uid = 0xFFFFFFFFU;
  Share share = Share::own;
  bool operator==(const Holder&) const = default;
};

struct Caller {
  std::uint32_t uid = 0xFFFFFFFFU;  // (uid_t)-1: nobody
  std::uint32_t pid = 0;
  std::string
      service;  // what the caller said it asks for; verifiers are confined to configured ones
  Share share = Share::own;

  [[nodiscard]] Holder holder() const { return {.uid = uid, .share = share}; }
  bool operator==(const Caller&) const = default;
};

// A number for "the same caller" in throttles: uid and service, hashed; never 0.
[[nodiscard]] std::uint64_t caller_key(const Caller& caller);

}  // namespace countersign
