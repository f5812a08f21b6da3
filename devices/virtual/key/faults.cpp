// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/faults.h"

#include <charconv>
#include <limits>
#include <string>

namespace countersign::virtual_key {
namespace {

constexpr Byte get_info_command = 0x04;

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

bool Faults::hits(const std::optional<std::uint32_t>& scope, Byte command) {
  return scope && (*scope == any_but_get_info ? command != get_info_command : *scope == command);
}

Result<void> Faults::set(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const bool has_value = equals != std::string_view::npos;
  const std::string_view value = has_value ? text.substr(equals + 1) : std::string_view{};
  const auto wrong = [&] {
    return fail(Code::invalid, "no such fault, or not such a number: " + std::string(text));
  };

  if (name == "unplug") {
    const auto n = number(value, std::numeric_limits<std::uint32_t>::max());
    if (!n || *n == 0) return wrong();
    unplug = n;
    return {};
  }
  if (name == "keepalive" || name == "bad-cbor") {
    const auto scope = has_value ? number(value, 0xff) : std::optional(any_but_get_info);
    if (!scope) return wrong();
    (name == "keepalive" ? keepalive : bad_cbor) = scope;
    return {};
  }
  if (name == "bad-length") {
    const auto n = has_value ? number(value, 0xffff) : std::optional<std::uint32_t>(0xffff);
    if (!n) return wrong();
    bad_length = static_cast<std::uint16_t>(*n);
    return {};
  }
  if (has_value) return wrong();
  if (name == "none") return *this = Faults{}, Result<void>{};
  bool* const flag = name == "counter-back"    ? &counter_back
                     : name == "wrong-rp-hash" ? &wrong_rp_hash
                     : name == "uv-cleared"    ? &uv_cleared
                     : name == "up-cleared"    ? &up_cleared
                     : name == "full"          ? &full
                                               : nullptr;
  if (flag == nullptr) return wrong();
  *flag = true;
  return {};
}

}  // namespace countersign::virtual_key
