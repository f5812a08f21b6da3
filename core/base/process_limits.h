// SPDX-License-Identifier: Apache-2.0
// What our sandboxed programs give up alike, before their own list of system calls.
#pragma once

#include <sys/syscall.h>

#include <array>
#include <cstdint>

namespace countersign {

// Sanitizers reserve terabytes of address space and start helpers: there the limits would only test
// the sanitizer.
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

// What libc, the C++ runtime and libcrypto do unasked, and what reaches nothing outside the
// process: memory, locks, clocks, its own identity. Every sandbox allows these, since which of them
// a library makes changes with its version and with the algorithm: libcrypto asks for its pid
// whenever it blinds a point of P-384, and libc's getrandom may block signals. Memory that can be
// executed is left out.
inline constexpr auto inherent_calls = std::to_array<int>({
    SYS_munmap,          SYS_mremap,         SYS_brk,          SYS_madvise,   SYS_mlock,
    SYS_munlock,         SYS_futex,          SYS_membarrier,   SYS_rseq,      SYS_set_robust_list,
    SYS_getrandom,       SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit,      SYS_exit_group,
    SYS_restart_syscall, SYS_clock_gettime,  SYS_clock_getres, SYS_nanosleep, SYS_clock_nanosleep,
    SYS_gettimeofday,    SYS_sched_yield,    SYS_sysinfo,      SYS_getcpu,    SYS_sched_getaffinity,
    SYS_getpid,          SYS_gettid,         SYS_getuid,       SYS_geteuid,   SYS_getgid,
    SYS_getegid,         SYS_uname,          SYS_getrusage,    SYS_times,
});

// Soft and hard limit of RLIMIT_*, for good. False: the kernel refused.
[[nodiscard]] bool limit_resource(int resource, std::uint64_t most);

// No new privileges and no core dumps; not dumpable either (ptrace, /proc), unless built with a
// sanitizer.
[[nodiscard]] bool forbid_privileges_and_dumps();

}  // namespace countersign
