// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/shared/pin_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/descriptor.h"

namespace countersign::virtual_token {

Result<Secret> read_pin(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Secret buffer(128);
  const ssize_t size =
      file ? ::read(file.get(), buffer.expose_mutable().data(), buffer.size()) : -1;
  if (size < 0) return fail(Code::unavailable, path + ": " + std::strerror(errno));
  std::string_view text = buffer.expose_text().substr(0, static_cast<std::size_t>(size));
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return Secret(text);
}

}  // namespace countersign::virtual_token
