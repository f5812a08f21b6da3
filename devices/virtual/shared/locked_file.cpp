// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/shared/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace countersign::virtual_token {
namespace {

constexpr std::size_t most = std::size_t{16} << 20U;

std::unexpected<Error> trouble(const std::string& path) {
  return fail(Code::unavailable, path + ": " + std::strerror(errno));
}

Result<void> write_all(int fd, const std::string& path, BytesView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return trouble(path);
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<LockedFile> LockedFile::open(std::string path) {
  if (path.empty()) return LockedFile(std::move(path), Descriptor());
  const std::string name = path + ".lock";
  Descriptor lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return trouble(name);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Code::unavailable, path +
                                       " belongs to another countersign-virtual that is running; "
                                       "stop that one first, or take another file");
  return LockedFile(std::move(path), std::move(lock));
}

Result<void> LockedFile::write(BytesView content) const {
  if (path_.empty()) return {};
  const std::string next = path_ + ".new";
  {
    const Descriptor file(
        ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return trouble(next);
    if (const auto written = write_all(file.get(), next, content); !written) return written;
  }
  if (std::rename(next.c_str(), path_.c_str()) != 0) return trouble(path_);
  return {};
}

Result<Secret> read_content(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT)
    return fail(Code::not_found, path + ": there is no such file");
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return trouble(path);
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > most)
    return fail(Code::invalid, path + " is no state of a software token");
  Secret content(static_cast<std::size_t>(status.st_size));
  const auto out = content.expose_mutable();
  for (std::size_t at = 0; at < out.size();) {
    const ssize_t got = ::read(file.get(), out.data() + at, out.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return trouble(path);
    at += static_cast<std::size_t>(got);
  }
  return content;
}

}  // namespace countersign::virtual_token
