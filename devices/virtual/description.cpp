// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/description.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "devices/virtual/identity.h"
#include "devices/virtual/listener.h"

namespace countersign::virtual_key {

Result<Description> Description::write(const std::string& socket, const State& state) {
  const std::string path = socket + ".json";
  const std::string next = path + ".new";
  // None of these values has a character that JSON escapes.
  const std::string text = fmt::format(
      "{{\"kind\":\"fido2\",\"vendor\":\"{}\",\"product\":\"{}\",\"vendor_id\":{},\"product_id\":{},\"serial\":\"{}\",\"firmware\":\"{}.{}.{}\"}}\n",
      identity::vendor, identity::product, identity::vendor_id, identity::product_id, state.serial, identity::firmware_major, identity::firmware_minor,
      identity::firmware_build);
  {
    const Descriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      return fail(Code::unavailable, next + ": " + std::strerror(errno));
  }
  if (std::rename(next.c_str(), path.c_str()) != 0) return fail(Code::unavailable, path + ": " + std::strerror(errno));
  return Description(path);
}

Description::~Description() {
  if (!path_.empty()) (void)::unlink(path_.c_str());
}

}  // namespace countersign::virtual_key
