// SPDX-License-Identifier: Apache-2.0
// countersign-reader: the only program that opens tokens.
//   countersign-reader [--daemon-uid UID | --daemon-user NAME]... [--kernel-events] [--virtual DIR]
// Its listening socket (a Unix stream socket) is handed over as systemd does it: LISTEN_FDS=1,
// LISTEN_PID, descriptor 3. Who may connect: the users given; else its own and root.
// --kernel-events: it runs in a network namespace of its own, where only the kernel is heard when a
// token is plugged in. Exit 0: stopped by SIGTERM. 1: could not run. 2: usage.
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "devices/reader/child.h"
#include "devices/reader/supervisor.h"

namespace {

using namespace countersign;
using namespace countersign::reader;

struct Arguments {
  bool child = false;
  SupervisorOptions supervisor;
  ChildOptions child_options;
};

std::optional<uid_t> uid_from(std::string_view text) {
  uid_t uid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return uid;
}

std::optional<uid_t> uid_of_user(const char* name) {
  const passwd* found = getpwnam(name);
  if (found != nullptr) return found->pw_uid;
  std::fprintf(stderr, "countersign-reader: this system has no user %s\n", name);
  return std::nullopt;
}

std::optional<Arguments> parse(int argc, char** argv) {
  static constexpr option options[] = {{"daemon-uid", required_argument, nullptr, 'u'},
                                       {"daemon-user", required_argument, nullptr, 'n'},
                                       {"kernel-events", no_argument, nullptr, 'k'},
                                       {"virtual", required_argument, nullptr, 'v'},
                                       {"child", no_argument, nullptr, 'c'},
                                       {}};
  Arguments arguments;
  for (int found; (found = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    if (found == 'u' || found == 'n') {
      const auto uid = found == 'u' ? uid_from(optarg) : uid_of_user(optarg);
      if (!uid) return std::nullopt;
      arguments.supervisor.daemon_uids.insert(*uid);
    } else if (found == 'k') {
      arguments.child_options.kernel_events = true;
    } else if (found == 'v') {
      arguments.child_options.software_tokens = optarg;
    } else if (found == 'c') {
      arguments.child = true;
    } else {
      return std::nullopt;
    }
  }
  if (optind != argc) return std::nullopt;
  if (arguments.supervisor.daemon_uids.empty()) arguments.supervisor.daemon_uids = {0, geteuid()};
  return arguments;
}

int fail_with(const char* what) {
  std::fprintf(stderr, "countersign-reader: %s\n", what);
  return 1;
}

int supervise(Arguments arguments) {
  if (sd_listen_fds(1) != 1 ||
      sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0)
    return fail_with(
        "no listening socket was handed over: it is started by systemd (countersign-reader.socket) "
        "or by a private daemon");
  const rlimit no_core{0, 0};
  (void)setrlimit(RLIMIT_CORE, &no_core);
  (void)prctl(PR_SET_DUMPABLE, 0);
  Descriptor listening(SD_LISTEN_FDS_START);
  Descriptor self(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (!self) return fail_with("its own program can't be read");
  arguments.supervisor.child_arguments = {"countersign-reader", "--child"};
  if (const auto& folder = arguments.child_options.software_tokens; folder) {
    arguments.supervisor.child_arguments.emplace_back("--virtual");
    arguments.supervisor.child_arguments.push_back(folder->string());
  }
  if (arguments.child_options.kernel_events)
    arguments.supervisor.child_arguments.emplace_back("--kernel-events");
  Supervisor supervisor(std::move(listening), std::move(self), std::move(arguments.supervisor));
  const auto ran = supervisor.run();
  return ran ? 0 : fail_with(ran.error().what.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  auto arguments = parse(argc, argv);
  if (!arguments) {
    std::fputs(
        "usage: countersign-reader [--daemon-uid UID | --daemon-user NAME]... [--kernel-events] "
        "[--virtual DIR]\n",
        stderr);
    return 2;
  }
  if (arguments->child) return run_child(arguments->child_options);
  return supervise(std::move(*arguments));
}
