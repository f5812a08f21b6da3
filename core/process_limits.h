// SPDX-License-Identifier: Apache-2.0
// What our sandboxed programs give up alike, before their own list of system calls.
#pragma once

#include <cstdint>

namespace countersign {

// Sanitizers reserve terabytes of address space and start helpers: there the limits would only test the sanitizer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool built_with_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool built_with_sanitizer = true;
#else
inline constexpr bool built_with_sanitizer = false;
#endif
#else
inline constexpr bool built_with_sanitizer = false;
#endif

// Soft and hard limit of RLIMIT_*, for good. False: the kernel refused.
[[nodiscard]] bool limit_resource(int resource, std::uint64_t most);

// No new privileges and no core dumps; not dumpable either (ptrace, /proc), unless built with a sanitizer.
[[nodiscard]] bool forbid_privileges_and_dumps();

}  // namespace countersign
