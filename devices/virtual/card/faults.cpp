// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace countersign::virtual_card {
namespace {

constexpr std::array<std::pair<std::string_view, bool Faults::*>, 7> flags{
    {{"endless-61xx", &Faults::endless},
     {"bad-tlv", &Faults::bad_tlv},
     {"cut-off", &Faults::cut_off},
     {"garbage-certificates", &Faults::garbage},
     {"bad-gzip", &Faults::bad_gzip},
     {"no-status", &Faults::no_status},
     {"too-long", &Faults::too_long}}};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

}  // namespace

Result<void> Faults::set(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto wrong = [&] {
    return fail(Code::invalid, "no such fault, or not such a number: " + std::string(text));
  };
  if (name == "remove" || name == "reset") {
    const auto n =
        equals == std::string_view::npos ? std::nullopt : number(text.substr(equals + 1));
    if (!n) return wrong();
    (name == "remove" ? remove : reset) = n;
    return {};
  }
  if (text == "none") {
    *this = Faults{};
    return {};
  }
  const auto flag =
      std::ranges::find(flags, text, &std::pair<std::string_view, bool Faults::*>::first);
  if (flag == flags.end()) return wrong();
  this->*flag->second = true;
  return {};
}

}  // namespace countersign::virtual_card
