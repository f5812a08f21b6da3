// SPDX-License-Identifier: Apache-2.0
#include "cli/import/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string_view>

#include "core/base/process_limits.h"

namespace countersign::import {
namespace {

// What would reach out of the process: no mistake of a library, so there is nothing to report.
constexpr int outward_calls[] = {SCMP_SYS(execve),
                                 SCMP_SYS(execveat),
                                 SCMP_SYS(fork),
                                 SCMP_SYS(vfork),
                                 SCMP_SYS(clone),
                                 SCMP_SYS(clone3),
                                 SCMP_SYS(socket),
                                 SCMP_SYS(connect),
                                 SCMP_SYS(sendto),
                                 SCMP_SYS(sendmsg),
                                 SCMP_SYS(ptrace),
                                 SCMP_SYS(process_vm_readv),
                                 SCMP_SYS(process_vm_writev),
                                 SCMP_SYS(seccomp),
                                 SCMP_SYS(prctl),
                                 SCMP_SYS(io_uring_setup),
                                 SCMP_SYS(bpf),
                                 SCMP_SYS(kill)};

// Says which call was refused, as a line of its own (helper.cpp reads it), and ends the process by
// a call that is never allowed. The refused one was not made. Only async-signal-safe functions.
void tell_refused_call(int, siginfo_t* info, void*) {
  std::array<char, 64> text;
  std::size_t at = text.size();
  text[--at] = '\n';
  text[--at] = '}';
  unsigned number = static_cast<unsigned>(info->si_syscall);
  do text[--at] = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  for (std::string_view rest = refused_call_line; !rest.empty(); rest.remove_suffix(1))
    text[--at] = rest.back();
  (void)!write(STDOUT_FILENO, text.data() + at, text.size() - at);
  (void)syscall(SYS_execve, nullptr, nullptr, nullptr);
  _exit(1);
}

bool report_refused_calls() {
  struct sigaction action{};
  action.sa_sigaction = &tell_refused_call;
  action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
  return sigaction(SIGSYS, &action, nullptr) == 0;
}

bool enter_seccomp() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_TRAP),
                                                                 &seccomp_release);
  if (filter == nullptr) return false;
  bool held = true;
  const auto rule = [&](unsigned action, int call, auto... conditions) {
    held = held &&
           seccomp_rule_add(filter.get(), action, call, sizeof...(conditions), conditions...) == 0;
  };
  for (const int call : inherent_calls) rule(SCMP_ACT_ALLOW, call);
  for (const int call : {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(fstat)})
    rule(SCMP_ACT_ALLOW, call);
  for (const int call : outward_calls) rule(SCMP_ACT_KILL_PROCESS, call);
  const scmp_arg_cmp this_process{
      .arg = 0, .op = SCMP_CMP_EQ, .datum_a = static_cast<scmp_datum_t>(getpid()), .datum_b = 0};
  rule(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), this_process);  // abort()
  const scmp_arg_cmp no_exec{
      .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) rule(SCMP_ACT_ALLOW, call, no_exec);
  for (const int call :
       {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(stat),
        SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(readlinkat)})
    rule(SCMP_ACT_ERRNO(EACCES), call);
  return held && seccomp_load(filter.get()) == 0;
}

}  // namespace

bool enter_sandbox() {
  if (!forbid_privileges_and_dumps() || !limit_resource(RLIMIT_CPU, 120)) return false;
  if (built_with_sanitizer) return true;
  return limit_resource(RLIMIT_AS, std::uint64_t{256} << 20U) && limit_resource(RLIMIT_NOFILE, 0) &&
         limit_resource(RLIMIT_NPROC, 0) && report_refused_calls() && enter_seccomp();
}

}  // namespace countersign::import
