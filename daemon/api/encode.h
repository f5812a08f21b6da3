// SPDX-License-Identifier: Apache-2.0
// Values to JSON text, by their fields.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <string>

#include "core/enum_names.h"
#include "core/ports/clock.h"
#include "core/secret.h"
#include "core/text.h"
#include "daemon/api/field.h"
#include "daemon/api/time_text.h"

namespace countersign::api {

inline void encode_to(std::string& out, const std::string& value) { append_json_string(out, value); }
inline void encode_to(std::string& out, const Secret& value) { append_json_string(out, value.expose_text()); }
inline void encode_to(std::string& out, bool value) { out += value ? "true" : "false"; }
inline void encode_to(std::string& out, Time value) { append_json_string(out, to_rfc3339(value)); }

template <std::integral T>
void encode_to(std::string& out, T value) {
  fmt::format_to(std::back_inserter(out), "{}", value);
}

template <class E>
  requires std::is_enum_v<E>
void encode_to(std::string& out, E value) {
  append_json_string(out, to_name(value));
}

template <Wire T>
void encode_to(std::string& out, const T& value);

template <class T>
void encode_to(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (bool first = true; const T& value : values) {
    if (!std::exchange(first, false)) out += ',';
    encode_to(out, value);
  }
  out += ']';
}

// Optional members that have no value are left out.
template <Wire T>
void encode_to(std::string& out, const T& value) {
  out += '{';
  bool first = true;
  for_each_field<T>([&](const auto& field) {
    const auto& member = value.*(field.member);
    const auto append = [&](const auto& content) {
      if (!std::exchange(first, false)) out += ',';
      append_json_string(out, field.name);
      out += ':';
      encode_to(out, content);
    };
    if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>) {
      if (member) append(*member);
    } else {
      append(member);
    }
  });
  out += '}';
}

template <Wire T>
[[nodiscard]] std::string encode(const T& value) {
  std::string out;
  encode_to(out, value);
  return out;
}

}  // namespace countersign::api
