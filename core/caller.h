// SPDX-License-Identifier: Apache-2.0
// Who asks: told by the kernel, carried to the engine for throttle, audit and pending things.
#pragma once

#include <cstdint>
#include <string>

namespace countersign {

struct Caller {
  std::uint32_t uid = 0xFFFFFFFFU;  // (uid_t)-1: nobody
  std::uint32_t pid = 0;
  std::string service;  // what the caller said it asks for; verifiers are confined to configured ones

  bool operator==(const Caller&) const = default;
};

// A number for "the same caller" in throttles: uid and service, hashed; never 0.
[[nodiscard]] std::uint64_t caller_key(const Caller& caller);

}  // namespace countersign
