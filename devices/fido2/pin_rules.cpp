// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/pin_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"

namespace countersign::devices::fido2 {
namespace {

constexpr std::size_t longest_pin = 63;

std::int64_t code_points(std::string_view text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

}  // namespace

Result<void> check_pin(const Secret& pin, std::int64_t min_code_points) {
  const std::string_view text = pin.expose_text();
  const std::int64_t least =
      std::clamp<std::int64_t>(min_code_points, 4, static_cast<std::int64_t>(longest_pin));
  if (text.empty()) return fail(Code::invalid, "the PIN is empty");
  if (text.size() > longest_pin)
    return fail(Code::invalid, fmt::format("the PIN has more than {} bytes", longest_pin));
  if (text.contains('\0') || !is_utf8(text))
    return fail(Code::invalid, "the PIN is not valid UTF-8");
  if (code_points(text) < least)
    return fail(Code::invalid, fmt::format("the PIN has fewer than {} characters", least));
  return {};
}

Secret terminated(const Secret& pin) {
  Secret copy(pin.size() + 1);
  std::ranges::copy(pin.expose(), copy.expose_mutable().begin());
  return copy;
}

const char* c_text(const Secret& terminated) {
  return reinterpret_cast<const char*>(terminated.expose().data());
}

}  // namespace countersign::devices::fido2
