// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/description.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

#include "devices/virtual/key/identity.h"
#include "devices/virtual/transports/listener.h"

namespace countersign::virtual_key {

namespace {

std::optional<std::uint16_t> hex16(std::string_view digits) {
  std::uint16_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() != 4)
    return std::nullopt;
  return number;
}

}  // namespace

std::string Claim::own_firmware() {
  return fmt::format("{}.{}.{}", identity::firmware_major, identity::firmware_minor,
                     identity::firmware_build);
}

Result<void> Claim::set_usb(std::string_view text) {
  const bool pair = text.size() == 9 && text[4] == ':';
  const auto vendor = pair ? hex16(text.substr(0, 4)) : std::nullopt;
  const auto product = pair ? hex16(text.substr(5)) : std::nullopt;
  if (!vendor || !product)
    return fail(Code::invalid, "--usb takes four hexadecimal digits each: VVVV:PPPP");
  vendor_id = *vendor;
  product_id = *product;
  return {};
}

Result<void> Claim::set_firmware(std::string_view text) {
  if (text.size() > 32 ||
      !std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); }))
    return fail(Code::invalid, "--firmware takes numbers with dots between them, such as 5.4.3");
  firmware = text;
  return {};
}

Result<Description> Description::write(const std::string& socket, const What& what,
                                       const Claim& claim) {
  const std::string path = socket + ".json";
  const std::string next = path + ".new";
  const std::string text = fmt::format(
      "{{\"kind\":\"{}\",\"vendor\":\"{}\",\"product\":\"{}\",\"vendor_id\":{},\"product_id\":{},"
      "\"serial\":\"{}\",\"firmware\":\"{}\"}}\n",
      what.kind, identity::vendor, what.product, claim.vendor_id, claim.product_id, what.serial,
      claim.firmware);
  {
    const Descriptor file(
        ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      return fail(Code::unavailable, next + ": " + std::strerror(errno));
  }
  if (std::rename(next.c_str(), path.c_str()) != 0)
    return fail(Code::unavailable, path + ": " + std::strerror(errno));
  return Description(path);
}

Description::~Description() {
  if (!path_.empty()) (void)::unlink(path_.c_str());
}

}  // namespace countersign::virtual_key
