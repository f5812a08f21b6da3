// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/shared/pin_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace countersign::virtual_token {

Result<Secret> read_pin(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  Secret buffer(128);
  const ssize_t size = file >= 0 ? ::read(file, buffer.expose_mutable().data(), buffer.size()) : -1;
  const int trouble = errno;
  if (file >= 0) ::close(file);
  if (size < 0) return fail(Code::unavailable, path + ": " + std::strerror(trouble));
  std::string_view text = buffer.expose_text().substr(0, static_cast<std::size_t>(size));
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return Secret(text);
}

}  // namespace countersign::virtual_token
