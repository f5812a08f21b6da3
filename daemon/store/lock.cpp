// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "core/base/text.h"

namespace countersign {

Result<Descriptor> lock_folder(const std::string& folder) {
  const std::string path = folder + "/lock";
  if (auto made = write_new_file(path, {}); !made && made.error().code != Code::exists)
    return std::unexpected(made.error());
  auto file = open_safely(path, FileUse::secret, O_RDWR);
  if (!file) return file;
  std::array<char, 16> text{};
  if (flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return fail(Code::unavailable, fmt::format("can't lock {}: {}", escape_text(path),
                                                 std::generic_category().message(errno)));
    const ssize_t length = pread(file->get(), text.data(), text.size(), 0);
    const std::string holder =
        length > 0
            ? fmt::format(" (process {})", escape_text(std::string_view(
                                               text.data(), static_cast<std::size_t>(length))))
            : "";
    return fail(Code::exists, fmt::format("another countersignd{} uses {}; stop it first", holder,
                                          escape_text(folder)));
  }
  const std::string mine = std::to_string(getpid());
  if (ftruncate(file->get(), 0) != 0 || pwrite(file->get(), mine.data(), mine.size(), 0) < 0) {
    // The number is a courtesy; on a full disk the lock holds all the same.
  }
  return file;
}

}  // namespace countersign
