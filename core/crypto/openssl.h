// SPDX-License-Identifier: Apache-2.0
// For the .cpp files of this folder: libcrypto's calls that fail only on exhaustion or misuse end
// the process, because no caller could do better and an ignored failure could become an accept.
#pragma once

#include <openssl/asn1.h>

#include <cstdlib>
#include <ctime>
#include <optional>

#include "core/base/time.h"

namespace countersign::crypto {

inline void must(bool held) {
  if (!held) std::abort();
}

// Of certificates, lists and answers about them: 112 bits (SP 800-57).
inline constexpr int security_level = 2;

// Nothing: there is no such time in it, or none that a calendar has.
[[nodiscard]] inline std::optional<Time> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return from_unix_ms(static_cast<std::int64_t>(timegm(&parts)) * 1000);
}

// For std::unique_ptr: the library's own way to let a thing go.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

}  // namespace countersign::crypto
