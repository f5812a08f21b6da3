// SPDX-License-Identifier: Apache-2.0
#include "devices/reader/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/usbdevice_fs.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <memory>

#include "core/base/descriptor.h"
#include "core/base/process_limits.h"

namespace countersign::reader {
namespace {

// Rules for one filter; held is false once the library refused one.
class Filter {
 public:
  Filter() : filter_(seccomp_init(SCMP_ACT_ERRNO(EACCES)), &seccomp_release) {
    // libseccomp would set it again, which a filter in place forbids.
    held_ = filter_ != nullptr && seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_NNP, 0) == 0 &&
            seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1) == 0;
  }

  void allow(std::initializer_list<int> calls) {
    for (const int call : calls) rule(SCMP_ACT_ALLOW, call);
  }
  void kill(std::initializer_list<int> calls) {
    for (const int call : calls) rule(SCMP_ACT_KILL_PROCESS, call);
  }
  void rule(unsigned action, int call, auto... conditions) {
    held_ = held_ && seccomp_rule_add(filter_.get(), action, call, sizeof...(conditions),
                                      conditions...) == 0;
  }
  [[nodiscard]] bool load() { return held_ && seccomp_load(filter_.get()) == 0; }

 private:
  std::unique_ptr<void, decltype(&seccomp_release)> filter_;
  bool held_ = false;
};

constexpr scmp_arg_cmp without_bits(unsigned argument, scmp_datum_t bits) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = 0};
}
constexpr scmp_arg_cmp equal_to(unsigned argument, scmp_datum_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

// Memory, threads that are there, clocks, and I/O on descriptors that are there.
void allow_work(Filter& filter) {
  filter.allow({SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write),
                SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(ppoll),
                SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
                SCMP_SYS(fstat), SCMP_SYS(lseek), SCMP_SYS(shutdown)});
  for (const int call : inherent_calls) filter.rule(SCMP_ACT_ALLOW, call);
  filter.allow({SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack)});
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
              equal_to(0, static_cast<scmp_datum_t>(getpid())));  // abort()
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    filter.rule(SCMP_ACT_ALLOW, call, without_bits(2, PROT_EXEC));
  filter.kill({SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
               SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
               SCMP_SYS(process_vm_writev)});
}

// forbidden: bits of open's flags.
void allow_looking(Filter& filter, scmp_datum_t forbidden) {
  filter.allow({SCMP_SYS(getdents64), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
                SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
                SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(fcntl),
                SCMP_SYS(fstatfs)});
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(open), without_bits(1, forbidden));
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(openat), without_bits(2, forbidden));
}

constexpr scmp_datum_t creating = O_WRONLY | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

// Any family but this one ends the process: a socket to elsewhere is nobody's mistake.
void allow_socket(Filter& filter, scmp_datum_t family) {
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(socket), equal_to(0, family));
  filter.rule(SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket),
              scmp_arg_cmp{.arg = 0, .op = SCMP_CMP_GT, .datum_a = family, .datum_b = 0});
  filter.rule(SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket),
              scmp_arg_cmp{.arg = 0, .op = SCMP_CMP_LT, .datum_a = family, .datum_b = 0});
}

void allow_usb(Filter& filter) {
  for (const scmp_datum_t request : std::initializer_list<scmp_datum_t>{
           USBDEVFS_SUBMITURB, USBDEVFS_REAPURBNDELAY, USBDEVFS_DISCARDURB, USBDEVFS_CLAIMINTERFACE,
           USBDEVFS_RELEASEINTERFACE, USBDEVFS_GETDRIVER, USBDEVFS_IOCTL, USBDEVFS_SETCONFIGURATION,
           USBDEVFS_GET_CAPABILITIES})
    filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), equal_to(1, request));
}

}  // namespace

bool limit_process() {
  if (!forbid_privileges_and_dumps() || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return false;
  return built_with_sanitizer || (limit_resource(RLIMIT_AS, std::uint64_t{256} << 20U) &&
                                  limit_resource(RLIMIT_NOFILE, 64));
}

void forbid_writing() {
  constexpr std::uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = writing;
  const Descriptor rules(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0)));
  const Descriptor nodes(static_cast<int>(syscall(
      SYS_openat, AT_FDCWD, "/dev", O_PATH | O_CLOEXEC)));  // the real one, under umockdev too
  if (!rules || !nodes) return;
  landlock_path_beneath_attr allowed{};
  allowed.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE;
  allowed.parent_fd = nodes.get();
  if (syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &allowed, 0) == 0)
    (void)syscall(SYS_landlock_restrict_self, rules.get(), 0);
}

bool enter_sandbox(Work work) {
  if (built_with_sanitizer) return true;
  Filter filter;
  allow_work(filter);
  switch (work) {
    case Work::watch:
      allow_looking(filter, creating | O_RDWR);
      filter.kill({SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(seccomp)});
      break;
    case Work::open_usb:
      allow_usb(filter);
      [[fallthrough]];
    case Work::open:
      allow_looking(filter, creating);
      allow_socket(filter, AF_UNIX);
      filter.allow({SCMP_SYS(connect), SCMP_SYS(seccomp),
                    SCMP_SYS(eventfd2)});  // seccomp: for what comes after
      filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), equal_to(1, FIONBIO));  // pcscd's client
      break;
    case Work::operate_usb:
      allow_usb(filter);
      [[fallthrough]];
    case Work::operate:
      filter.kill({SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(seccomp)});
      break;
  }
  return filter.load();
}

}  // namespace countersign::reader
