// SPDX-License-Identifier: Apache-2.0
#include "devices/reader/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "devices/protocol/codec.h"
#include "devices/reader/child.h"

namespace countersign::reader {
namespace {

constexpr std::chrono::seconds stop_grace(2);

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

// Best effort: the peer may be anybody, and the socket's buffer is empty.
void refuse(int connection, const char* why) {
  const Bytes frame = to_frame(Reply(Failed{.failure = Failure::busy, .detail = why}));
  (void)send(connection, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

Supervisor::Supervisor(Descriptor listening, Descriptor self, SupervisorOptions options)
    : listening_(std::move(listening)), self_(std::move(self)), options_(std::move(options)) {}

Result<void> Supervisor::run() {
  const sigset_t signals = handled_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const Descriptor signal_events(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signal_events || fcntl(listening_.get(), F_SETFL, O_NONBLOCK) != 0)
    return fail(Code::internal, std::strerror(errno));
  for (;;) {
    pollfd ready[] = {{.fd = signal_events.get(), .events = POLLIN, .revents = 0},
                      {.fd = listening_.get(), .events = POLLIN, .revents = 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) return fail(Code::internal, std::strerror(errno));
    signalfd_siginfo event{};
    while (read(signal_events.get(), &event, sizeof event) == sizeof event) {
      if (event.ssi_signo == SIGCHLD) continue;
      stop_children();
      return {};
    }
    reap();
    if (ready[1].revents != 0) accept_one();
  }
}

void Supervisor::accept_one() {
  Descriptor connection(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
      (void)poll(nullptr, 0, 100);  // it stays readable
    return;
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      !options_.daemon_uids.contains(peer.uid)) {
    std::fprintf(stderr, "countersign-reader: uid %u may not use tokens\n", peer.uid);
    return;
  }
  if (children_.size() >= most_children)
    return refuse(connection.get(), "too many tokens are open");
  start_child(std::move(connection));
}

void Supervisor::start_child(Descriptor connection) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return refuse(connection.get(), "no process");
  if (child > 0) {
    children_.insert(child);
    return;
  }
  if (getppid() != parent) _exit(1);
  become_child(connection.get());
}

// Between fork and exec: standard streams, the connection as descriptor 3, this program as 4
// (closed by exec), nothing else.
void Supervisor::become_child(int connection) {
  const int self = fcntl(self_.get(), F_DUPFD_CLOEXEC, 10);
  const int kept = fcntl(connection, F_DUPFD_CLOEXEC, 10);
  if (self < 0 || kept < 0 || dup2(kept, child_connection) < 0 || dup3(self, 4, O_CLOEXEC) < 0)
    _exit(1);
  (void)close_range(5, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> arguments;
  for (std::string& argument : options_.child_arguments) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  fexecve(4, arguments.data(), environ);
  _exit(1);
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
    children_.erase(child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
      std::fprintf(stderr,
                   "countersign-reader: the sandbox ended the child %d for a system call that no "
                   "token needs. A hostile token "
                   "would do that; so would a bug in Countersign: please report it, with the "
                   "token's model\n",
                   child);
    else if (WIFSIGNALED(status))
      std::fprintf(stderr, "countersign-reader: the child %d was ended by signal %d (%s)\n", child,
                   WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
}

void Supervisor::stop_children() {
  for (const pid_t child : children_) kill(child, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + stop_grace;
  while (!children_.empty() && std::chrono::steady_clock::now() < until) {
    reap();
    if (!children_.empty()) (void)poll(nullptr, 0, 20);
  }
  for (const pid_t child : children_) kill(child, SIGKILL);
  while (!children_.empty() && waitpid(*children_.begin(), nullptr, 0) > 0)
    children_.erase(children_.begin());
}

}  // namespace countersign::reader
