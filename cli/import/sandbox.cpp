// SPDX-License-Identifier: Apache-2.0
#include "cli/import/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <memory>

namespace countersign::import {
namespace {

// Sanitizers reserve terabytes of address space and start helpers: there the limits would only test the sanitizer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

bool limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  return setrlimit(static_cast<__rlimit_resource>(resource), &value) == 0;
}

bool enter_seccomp() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  if (filter == nullptr) return false;
  bool held = true;
  const auto rule = [&](unsigned action, int call, auto... conditions) {
    held = held && seccomp_rule_add(filter.get(), action, call, sizeof...(conditions), conditions...) == 0;
  };
  for (const int call :
       {SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mlock),
        SCMP_SYS(munlock), SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(getrandom),
        SCMP_SYS(clock_gettime), SCMP_SYS(read), SCMP_SYS(fstat), SCMP_SYS(sched_yield)})
    rule(SCMP_ACT_ALLOW, call);
  const scmp_arg_cmp no_exec{.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    rule(SCMP_ACT_ALLOW, call, no_exec);
  for (const int call : {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(stat),
                         SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(readlinkat)})
    rule(SCMP_ACT_ERRNO(EACCES), call);
  return held && seccomp_load(filter.get()) == 0;
}

}  // namespace

bool enter_sandbox() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !limit(RLIMIT_CORE, 0) || !limit(RLIMIT_CPU, 120)) return false;
  if (sanitized) return true;
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit(RLIMIT_AS, rlim_t{256} << 20U) && limit(RLIMIT_NOFILE, 0) &&
         limit(RLIMIT_NPROC, 0) && enter_seccomp();
}

}  // namespace countersign::import
