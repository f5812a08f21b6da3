// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program that uses PAM: makes calls that the module makes fail, one or all from
// one on. Who calls is told by the return address; calls of anybody else pass. What to do comes by
// the environment:
//   FAULT_AT=N       the N-th call fails; 0: none
//   FAULT_STAYS=1    and each after it
//   FAULT_CLASS=soft only those calls whose failure the module may pass over; else only the others
//   FAULT_ERRNO=N    errno of system calls that fail; default EIO
//   FAULT_REPORT=F   at exit F has one line: how many calls there were, and the name of the first
//   that failed
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

enum class Class { hard, soft };

int at = 0;
int error_number = EIO;
bool stays = false;
Class wanted = Class::hard;
int calls = 0;
const char* first_failed = "none";

int number(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : otherwise;
}

struct Setup {
  Setup() {
    at = number("FAULT_AT", 0);
    error_number = number("FAULT_ERRNO", EIO);
    stays = number("FAULT_STAYS", 0) != 0;
    const char* kind = std::getenv("FAULT_CLASS");
    wanted = kind != nullptr && std::strcmp(kind, "soft") == 0 ? Class::soft : Class::hard;
  }
  ~Setup() { report(); }
  // Also at the moment of the fault: what follows may end the program.
  static void report() {
    const char* file = std::getenv("FAULT_REPORT");
    if (file == nullptr) return;
    const int out = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char line[128];
    const int size = std::snprintf(line, sizeof line, "%d %s\n", calls, first_failed);
    (void)!write(out, line, static_cast<std::size_t>(size));
    (void)syscall(SYS_close, out);
  }
} setup;

bool of_the_module(void* from) {
  dl_find_object found;
  if (_dl_find_object(from, &found) != 0 || found.dlfo_link_map == nullptr) return false;
  return std::strstr(found.dlfo_link_map->l_name, "/pam_countersign.so") != nullptr;
}

bool fails(void* from, const char* name, Class its) {
  if (its != wanted || !of_the_module(from)) return false;
  ++calls;
  if (at == 0 || calls < at || (calls > at && !stays)) return false;
  if (calls == at) {
    first_failed = name;
    Setup::report();
  }
  errno = error_number;
  return true;
}

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define FAILS(NAME, CLASS) fails(__builtin_return_address(0), NAME, Class::CLASS)
#define NEXT(NAME) next<decltype(&NAME)>(#NAME)

extern "C" {

// --- memory ---
// libstdc++ takes its reserve for exceptions when it is loaded, the only block of this size; it
// does without if there is none.
constexpr std::size_t reserve = 65536;
void* malloc(std::size_t size) {
  if (size > reserve ? FAILS("malloc of libstdc++'s reserve", soft) : FAILS("malloc", hard))
    return nullptr;
  return __libc_malloc(size);
}
char* strdup(const char* text) noexcept {
  return FAILS("strdup", hard) ? nullptr : NEXT(strdup)(text);
}
void* realloc(void* old, std::size_t size) {
  return FAILS("realloc", hard) ? nullptr : __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t align, std::size_t size) {
  return FAILS("aligned_alloc", hard) ? nullptr : __libc_memalign(align, size);
}
void* mmap(void* where, std::size_t size, int protection, int flags, int file,
           off_t offset) noexcept {
  return FAILS("mmap", hard) ? MAP_FAILED
                             : NEXT(mmap)(where, size, protection, flags, file, offset);
}
int munmap(void* where, std::size_t size) noexcept {
  return FAILS("munmap", soft) ? -1 : NEXT(munmap)(where, size);
}
int mlock(const void* where, std::size_t size) noexcept {
  return FAILS("mlock", soft) ? -1 : NEXT(mlock)(where, size);
}
int madvise(void* where, std::size_t size, int advice) noexcept {
  return FAILS("madvise", soft) ? -1 : NEXT(madvise)(where, size, advice);
}

// --- the socket and what is asked about it ---
// Datagrams go to the log, streams to the daemon.
int socket(int domain, int type, int protocol) noexcept {
  const bool to_the_log = (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) == SOCK_DGRAM;
  return (to_the_log ? FAILS("socket of the log", soft) : FAILS("socket", hard))
             ? -1
             : NEXT(socket)(domain, type, protocol);
}
ssize_t sendto(int file, const void* data, std::size_t size, int flags, const sockaddr* to,
               socklen_t length) {
  return FAILS("sendto", soft) ? -1 : NEXT(sendto)(file, data, size, flags, to, length);
}
tm* localtime_r(const time_t* when, tm* out) noexcept {
  return FAILS("localtime_r", soft) ? nullptr : NEXT(localtime_r)(when, out);
}
int connect(int file, const sockaddr* address, socklen_t size) {
  return FAILS("connect", hard) ? -1 : NEXT(connect)(file, address, size);
}
int setsockopt(int file, int level, int name, const void* value, socklen_t size) noexcept {
  return FAILS("setsockopt", hard) ? -1 : NEXT(setsockopt)(file, level, name, value, size);
}
int getsockopt(int file, int level, int name, void* value, socklen_t* size) noexcept {
  return FAILS("getsockopt", hard) ? -1 : NEXT(getsockopt)(file, level, name, value, size);
}
ssize_t send(int file, const void* data, std::size_t size, int flags) {
  return FAILS("send", hard) ? -1 : NEXT(send)(file, data, size, flags);
}
ssize_t recv(int file, void* data, std::size_t size, int flags) {
  return FAILS("recv", hard) ? -1 : NEXT(recv)(file, data, size, flags);
}
int poll(pollfd* files, nfds_t count, int limit) {
  return FAILS("poll", hard) ? -1 : NEXT(poll)(files, count, limit);
}
int close(int file) {
  static const auto real = NEXT(close);
  return FAILS("close", soft) ? (real(file), -1) : real(file);
}
int lstat(const char* path, struct stat* out) noexcept {
  return FAILS("lstat", hard) ? -1 : NEXT(lstat)(path, out);
}
int getpwnam_r(const char* name, passwd* entry, char* room, std::size_t size, passwd** found) {
  if (FAILS("getpwnam_r", hard)) {
    *found = nullptr;
    return error_number;
  }
  return NEXT(getpwnam_r)(name, entry, room, size, found);
}
int getpwuid_r(uid_t uid, passwd* entry, char* room, std::size_t size, passwd** found) {
  if (FAILS("getpwuid_r", hard)) {
    *found = nullptr;
    return error_number;
  }
  return NEXT(getpwuid_r)(uid, entry, room, size, found);
}

// --- libpam ---
int pam_get_user(pam_handle_t* pam, const char** user, const char* prompt) {
  return FAILS("pam_get_user", hard) ? PAM_BUF_ERR : NEXT(pam_get_user)(pam, user, prompt);
}
int pam_get_item(const pam_handle_t* pam, int type, const void** value) {
  return FAILS("pam_get_item", hard) ? PAM_SYSTEM_ERR : NEXT(pam_get_item)(pam, type, value);
}
int pam_set_item(pam_handle_t* pam, int type, const void* value) {
  return FAILS("pam_set_item", hard) ? PAM_BUF_ERR : NEXT(pam_set_item)(pam, type, value);
}
int pam_get_data(const pam_handle_t* pam, const char* name, const void** value) {
  return FAILS("pam_get_data", soft) ? PAM_SYSTEM_ERR : NEXT(pam_get_data)(pam, name, value);
}
int pam_set_data(pam_handle_t* pam, const char* name, void* value,
                 void (*cleanup)(pam_handle_t*, void*, int)) {
  return FAILS("pam_set_data", hard) ? PAM_BUF_ERR : NEXT(pam_set_data)(pam, name, value, cleanup);
}
int pam_get_authtok(pam_handle_t* pam, int item, const char** value, const char* prompt) {
  return FAILS("pam_get_authtok", hard) ? PAM_AUTHTOK_ERR
                                        : NEXT(pam_get_authtok)(pam, item, value, prompt);
}
// The answer may depend on sshd's word about the first factor. The seat the daemon also finds by
// itself.
const char* pam_getenv(pam_handle_t* pam, const char* name) {
  const bool first_factor = std::strcmp(name, "SSH_AUTH_INFO_0") == 0;
  return (first_factor ? FAILS("pam_getenv of the first factor", hard) : FAILS("pam_getenv", soft))
             ? nullptr
             : NEXT(pam_getenv)(pam, name);
}
int pam_fail_delay(pam_handle_t* pam, unsigned int microseconds) {
  return FAILS("pam_fail_delay", soft) ? PAM_SYSTEM_ERR : NEXT(pam_fail_delay)(pam, microseconds);
}
// A question fails in three ways; a message may get lost.
int pam_prompt(pam_handle_t* pam, int style, char** response, const char* format, ...) {
  const bool question = style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON;
  if (question ? FAILS("pam_prompt", hard) : FAILS("pam_prompt of a message", soft)) {
    *response = nullptr;
    return error_number == ENODATA  ? PAM_SUCCESS
           : error_number == ENOMEM ? PAM_BUF_ERR
                                    : PAM_CONV_ERR;  // ENODATA: an application that answers nothing
  }
  va_list words;
  va_start(words, format);
  const int result = pam_vprompt(pam, style, response, format, words);
  va_end(words);
  return result;
}

}  // extern "C"
