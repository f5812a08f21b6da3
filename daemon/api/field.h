// SPDX-License-Identifier: Apache-2.0
// Wire types say their fields once: decoding, encoding, the OpenAPI document and --json all come from that.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace countersign::api {

inline constexpr std::size_t default_longest = 1024;  // octets of a string that declares no limit

template <class S, class M>
struct Field {
  std::string_view name;
  M S::*member;
  std::string_view about;  // one line for people who read the OpenAPI document
  std::size_t longest = default_longest;  // octets of a string, elements of a list
};
template <class S, class M>
Field(std::string_view, M S::*, std::string_view) -> Field<S, M>;
template <class S, class M>
Field(std::string_view, M S::*, std::string_view, std::size_t) -> Field<S, M>;

// A wire type is a struct with a static fields() that returns a tuple of Field.
template <class T>
concept Wire = requires { T::fields(); };

// A type whose standard lets others add members says so: static constexpr bool further_members = true. They are passed over.
template <class T>
inline constexpr bool takes_further = requires { T::further_members; };

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

template <class T, class F>
constexpr void for_each_field(F&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, T::fields());
}

}  // namespace countersign::api
