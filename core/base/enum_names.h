// SPDX-License-Identifier: Apache-2.0
// One table of names for each enum that leaves the process: JSON, database, command line.
#pragma once

#include <optional>
#include <string_view>

namespace countersign {

template <class E>
struct EnumName {
  E value;
  std::string_view name;
};

// Specialised beside each enum as a std::array of EnumName<E>.
template <class E>
inline constexpr auto enum_names = nullptr;

template <class E>
[[nodiscard]] constexpr std::string_view to_name(E value) {
  for (const auto& entry : enum_names<E>)
    if (entry.value == value) return entry.name;
  return "?";
}

template <class E>
[[nodiscard]] constexpr std::optional<E> from_name(std::string_view name) {
  for (const auto& entry : enum_names<E>)
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

}  // namespace countersign
