// SPDX-License-Identifier: Apache-2.0
// The program stays in the network that it had. pcscd and the card meet on the loopback interface
// of a network of their own: nobody else reaches the driver's port, and pcscd hears of no USB
// device.
#include "devices/virtual/transports/own_pcscd.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "devices/virtual/transports/card_server.h"
#include "devices/virtual/transports/listener.h"

namespace countersign::virtual_card {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* program = "/usr/sbin/pcscd";
constexpr const char* driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
constexpr const char* run_folder = "/run/pcscd";
constexpr const char* reader_file = "/run/pcscd/reader.conf";
constexpr const char* log_file = "/run/pcscd/log";
constexpr const char* port = "35963";  // 0x8C7B
constexpr std::chrono::seconds patience{10};

// Yubico's programs look for the reader by its name.
std::string reader_name(const Setup& setup) {
  return setup.profile == "yubikey" ? "Yubico YubiKey Virtual" : "Virtual PCD";
}

std::string reader_text(const Setup& setup) {
  return "FRIENDLYNAME \"" + reader_name(setup) + "\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH " +
         driver + "\nCHANNELID 0x8C7B\n";
}

std::unexpected<Error> trouble(const std::string& what) {
  return fail(Code::unavailable, what + ": " + std::strerror(errno));
}

Result<void> require_installed() {
  if (::access(program, X_OK) != 0)
    return fail(Code::not_found, std::string(program) + " is missing: install the package pcscd");
  if (::access(driver, R_OK) != 0)
    return fail(Code::not_found,
                std::string(driver) + " is missing: install the package vsmartcard-vpcd");
  return {};
}

bool write_text(const char* path, std::string_view text) {
  const Descriptor file(::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Whoever is not root is still themselves in a user namespace, but may mount in it.
Result<void> enter_namespaces() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::unshare(CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER)) != 0)
    return trouble(
        "a namespace of its own can't be had (as root it can, or where users may make user "
        "namespaces)");
  const auto map = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  if (uid != 0 &&
      (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", map(uid)) ||
       !write_text("/proc/self/gid_map", map(gid))))
    return trouble("a user namespace of its own");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return trouble("private mounts");
  if (::mkdir(run_folder, 0755) != 0 && errno != EEXIST)
    return trouble(std::string(run_folder) + " is missing, and can't be made (as root it can)");
  if (::mount("tmpfs", run_folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0)
    return trouble(run_folder);
  return {};
}

bool raise_loopback() {
  const Descriptor fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return fd && ::ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

// Readers that are plugged in stay the system's.
bool hide_usb() {
  struct stat about{};
  if (::stat("/dev/bus", &about) != 0) return true;
  return ::mount("tmpfs", "/dev/bus", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755") == 0;
}

void send_output_to(const char* path) {
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  (void)::dup2(file, STDOUT_FILENO);
  (void)::dup2(file, STDERR_FILENO);
  if (file > STDERR_FILENO) ::close(file);
}

bool tie_to(pid_t parent) {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
}

[[noreturn]] void be_card(const Setup& setup, pid_t parent) {
  if (!tie_to(parent)) ::_exit(1);
  const auto played = connect_to_driver(setup, {.host = "127.0.0.1", .port = port});
  if (!played) std::fprintf(stderr, "%s\n", played.error().what.c_str());
  ::_exit(played ? 0 : 1);
}

// In a process group of its own: what the terminal sends is for the program.
[[noreturn]] void be_pcscd(const Setup& setup, pid_t parent) {
  (void)::setpgid(0, 0);
  if (!tie_to(parent)) ::_exit(1);
  send_output_to(log_file);
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 || !raise_loopback() || !hide_usb()) {
    std::perror("namespaces of pcscd");
    ::_exit(1);
  }
  const pid_t self = ::getpid();
  const pid_t card = ::fork();
  if (card == 0) be_card(setup, self);
  if (card > 0) ::execl(program, program, "--foreground", "--config", reader_file, nullptr);
  std::perror(program);
  ::_exit(1);
}

// What pcscd and the card said before they ended.
std::string log_text() {
  const Descriptor file(::open(log_file, O_RDONLY | O_CLOEXEC));
  std::string text(2048, '\0');
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : 0;
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class PcscContext {
 public:
  PcscContext()
      : held_(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_) ==
              SCARD_S_SUCCESS) {}
  ~PcscContext() {
    if (held_) SCardReleaseContext(context_);
  }
  PcscContext(const PcscContext&) = delete;
  PcscContext& operator=(const PcscContext&) = delete;

  [[nodiscard]] bool has_card(const std::string& reader) const {
    SCARD_READERSTATE state{};
    state.szReader = reader.c_str();
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    if (!held_ || SCardGetStatusChange(context_, 0, &state, 1) != SCARD_S_SUCCESS) return false;
    return (state.dwEventState & SCARD_STATE_PRESENT) != 0 &&
           (state.dwEventState & SCARD_STATE_MUTE) == 0;
  }

 private:
  SCARDCONTEXT context_ = 0;
  bool held_;
};

}  // namespace

Result<OwnPcscd> OwnPcscd::start(const Setup& setup) {
  TRY(require_installed());
  TRY(make_card(setup));
  TRY(enter_namespaces());
  if (!write_text(reader_file, reader_text(setup))) return trouble(reader_file);
  (void)::unsetenv("PCSCLITE_CSOCK_NAME");  // the place of another pcscd
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return trouble("no process for pcscd");
  if (pid == 0) be_pcscd(setup, self);
  OwnPcscd pcscd(pid);
  TRY(pcscd.wait_for_card(reader_name(setup) + " 00 00"));
  return pcscd;
}

Result<void> OwnPcscd::wait_for_card(const std::string& reader) const {
  for (const auto end = Steady::now() + patience; Steady::now() < end;
       std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        ended.si_pid == pid_)
      return fail(Code::unavailable, "pcscd ended at once: " + log_text());
    if (PcscContext().has_card(reader)) return {};
  }
  return fail(Code::unavailable, "pcscd does not see the card: " + log_text());
}

OwnPcscd::~OwnPcscd() {
  if (pid_ <= 0) return;
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
}

}  // namespace countersign::virtual_card
