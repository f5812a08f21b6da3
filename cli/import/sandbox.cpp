// SPDX-License-Identifier: Apache-2.0
#include "cli/import/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <memory>

#include "core/process_limits.h"

namespace countersign::import {
namespace {

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
  if (!forbid_privileges_and_dumps() || !limit_resource(RLIMIT_CPU, 120)) return false;
  if (built_with_sanitizer) return true;
  return limit_resource(RLIMIT_AS, std::uint64_t{256} << 20U) && limit_resource(RLIMIT_NOFILE, 0) && limit_resource(RLIMIT_NPROC, 0) && enter_seccomp();
}

}  // namespace countersign::import
