// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/safe_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/base/text.h"

namespace countersign {
namespace {

std::unexpected<Error> system_failure(int error, std::string_view doing, const std::string& path) {
  const std::string reason = std::generic_category().message(error);
  const std::string shown = escape_text(path);
  if (error == ENOENT) return fail(Code::not_found, fmt::format("{} {}: {}", doing, shown, reason));
  if (error == EEXIST)
    return fail(Code::exists, fmt::format("{} {}: it exists already", doing, shown));
  if (error == ELOOP || error == EMLINK)
    return fail(
        Code::not_permitted,
        fmt::format("{} is a symbolic link; name the file itself, or replace the link by the file",
                    shown));
  if (error == EACCES || error == EPERM)
    return fail(Code::not_permitted, fmt::format("{} {}: {}", doing, shown, reason));
  return fail(Code::unavailable, fmt::format("{} {}: {}", doing, shown, reason));
}

Result<void> require_owner_and_mode(const struct stat& info, const std::string& path, FileUse use) {
  const std::string shown = escape_text(path);
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return fail(
        Code::not_permitted,
        fmt::format("{} belongs to uid {}, not to this process (uid {}) or root; run: chown {} {}",
                    shown, info.st_uid, geteuid(), geteuid(), shown));
  const bool folder = S_ISDIR(info.st_mode);
  // Of a file with an access list the group's bits are the list's mask (acl(5)); systemd gives
  // credentials to root's group.
  const bool access_list = use == FileUse::credential && info.st_uid == 0 && info.st_gid == 0;
  if (use == FileUse::credential && (info.st_mode & (access_list ? 037U : 077U)) != 0)
    return fail(Code::not_permitted,
                fmt::format("the credential {} is open to others (mode {:04o})", shown,
                            info.st_mode & 07777U));
  if (use == FileUse::secret && (info.st_mode & 077U) != 0)
    return fail(Code::not_permitted,
                fmt::format("{} is open to other users (mode {:04o}); run: chmod {} {}", shown,
                            info.st_mode & 07777U, folder ? 700 : 600, shown));
  if ((info.st_mode & 022U) != 0)
    return fail(Code::not_permitted,
                fmt::format("{} can be written by other users (mode {:04o}); run: chmod go-w {}",
                            shown, info.st_mode & 07777U, shown));
  return {};
}

Result<void> write_all(int fd, BytesView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t count = write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return system_failure(count < 0 ? errno : EIO, "can't write", path);
    content = content.subspan(static_cast<std::size_t>(count));
  }
  if (fsync(fd) != 0) return system_failure(errno, "can't write", path);
  return {};
}

// Fills buffer; the number of octets that came, at most its size.
Result<std::size_t> read_some(int fd, std::span<Byte> buffer, const std::string& path) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = read(fd, buffer.data() + filled, buffer.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(errno, "can't read", path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

Result<std::pair<Descriptor, std::size_t>> open_bounded(const std::string& path, FileUse use,
                                                        std::size_t most) {
  auto file = TRY(open_safely(path, use, O_RDONLY));
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return system_failure(errno, "can't read", path);
  if (static_cast<std::uint64_t>(info.st_size) > most)
    return fail(Code::invalid, fmt::format("{} has {} octets, more than the {} allowed",
                                           escape_text(path), info.st_size, most));
  return std::pair{std::move(file), static_cast<std::size_t>(info.st_size)};
}

}  // namespace

Result<Descriptor> open_safely(const std::string& path, FileUse use, int access) {
  Descriptor file(open(path.c_str(), access | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return system_failure(errno, "can't open", path);
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return system_failure(errno, "can't open", path);
  if (!S_ISREG(info.st_mode))
    return fail(
        Code::not_permitted,
        fmt::format("{} is not a regular file; remove it or name another", escape_text(path)));
  TRY(require_owner_and_mode(info, path, use));
  return file;
}

Result<void> require_safe_folder(const std::string& path, FileUse use) {
  const Descriptor folder(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!folder) {
    struct stat link{};
    const int error = errno;
    if (error == ENOTDIR && lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode))
      return system_failure(ELOOP, "can't open", path);
    if (error == ENOTDIR)
      return fail(Code::not_permitted, fmt::format("{} is not a folder", escape_text(path)));
    return system_failure(error, "can't open", path);
  }
  struct stat info{};
  if (fstat(folder.get(), &info) != 0) return system_failure(errno, "can't open", path);
  return require_owner_and_mode(info, path, use);
}

Result<std::string> read_config_file(const std::string& path, std::size_t most) {
  const auto file = TRY(open_bounded(path, FileUse::config, most));
  std::string content(file.second, '\0');
  const auto filled = TRY(
      read_some(file.first.get(), {reinterpret_cast<Byte*>(content.data()), content.size()}, path));
  content.resize(filled);
  return content;
}

Result<Secret> read_secret_file(const std::string& path, std::size_t most, FileUse use) {
  const auto file = TRY(open_bounded(path, use, most));
  Secret content(file.second);
  const auto filled = TRY(read_some(file.first.get(), content.expose_mutable(), path));
  if (filled == content.size()) return content;
  return Secret(content.expose().first(filled));
}

Result<void> write_new_file(const std::string& path, BytesView content) {
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_failure(errno, "can't create", path);
  auto written = write_all(file.get(), content, path);
  if (written) written = sync_folder(parent_folder(path));
  if (!written) unlink(path.c_str());
  return written;
}

Result<void> replace_file(const std::string& path, BytesView content) {
  const std::string fresh = path + ".new";
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT)
    return system_failure(errno, "can't remove", fresh);
  TRY(write_new_file(fresh, content));
  if (rename(fresh.c_str(), path.c_str()) != 0) return system_failure(errno, "can't replace", path);
  return sync_folder(parent_folder(path));
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || fsync(folder.get()) != 0)
    return system_failure(errno, "can't write the folder", path);
  return {};
}

std::string parent_folder(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace countersign
