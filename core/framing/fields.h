// SPDX-License-Identifier: Apache-2.0
// Messages as the payload of a frame. A message is a plain struct with a table of its fields:
//
//   static constexpr auto fields(auto take) { return take(&Open::path, &Open::watch); }
//
// On the wire it is a CBOR array [name, field, field, ...] in that order: bytes, text, integers and
// booleans as themselves, an optional that is empty as null, lists and nested structs as arrays,
// enums by their name (core/base/enum_names.h). Decoding is strict: an unknown name, another number
// of fields, another type, a text or list over the limits below refuse the message. For the .cpp
// files that define a protocol.
#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"
#include "core/base/result.h"
#include "core/encoding/cbor.h"
#include "core/framing/frame.h"

namespace countersign::framing {

inline constexpr std::size_t longest_text = 4096;    // octets of one text
inline constexpr std::size_t longest_bytes = 65536;  // of one byte string
inline constexpr std::size_t longest_list = 1024;    // items of one list

namespace detail {

namespace cbor = formats::cbor;

inline constexpr cbor::Limits cbor_limits{.depth = 6, .items = 16384};

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
concept Nested = requires { T::fields([](auto...) {}); };

// --- values → CBOR ---

template <class T>
cbor::Value to_value(const T& field);

template <Nested T>
void append_fields(cbor::Value::Array& out, const T& nested) {
  T::fields([&](auto... member) { (out.push_back(to_value(nested.*member)), ...); });
}

template <class T>
cbor::Value to_value(const T& field) {
  if constexpr (std::same_as<T, Bytes> || std::same_as<T, std::string> || std::same_as<T, bool>)
    return field;
  else if constexpr (std::integral<T>)
    return cbor::Value(static_cast<std::int64_t>(field));
  else if constexpr (std::is_enum_v<T>)
    return cbor::Value(to_name(field));
  else if constexpr (is_optional<T>)
    return field ? to_value(*field) : cbor::Value();
  else {
    cbor::Value::Array items;
    if constexpr (is_vector<T>)
      for (const auto& item : field) items.push_back(to_value(item));
    else
      append_fields(items, field);
    return cbor::Value::array(std::move(items));
  }
}

// --- CBOR → values; false: refused ---

template <class T>
bool from_value(const cbor::Value& value, T& field);

bool take_octets(const auto* from, auto& field, std::size_t longest) {
  if (from == nullptr || from->size() > longest) return false;
  field = *from;
  return true;
}

template <std::integral T>
bool take_number(const cbor::Value& value, T& field) {
  const auto number = value.integer();
  if (!number || !std::in_range<T>(*number)) return false;
  field = static_cast<T>(*number);
  return true;
}

template <class T>
bool take_enum(const cbor::Value& value, T& field) {
  const auto found = value.text() != nullptr ? from_name<T>(*value.text()) : std::nullopt;
  if (found) field = *found;
  return found.has_value();
}

template <class T>
bool take_list(const cbor::Value& value, std::vector<T>& field) {
  const auto* items = value.array();
  if (items == nullptr || items->size() > longest_list) return false;
  field.resize(items->size());
  for (std::size_t i = 0; i < items->size(); ++i)
    if (!from_value((*items)[i], field[i])) return false;
  return true;
}

template <Nested T>
bool take_fields(std::span<const cbor::Value> items, T& nested) {
  return T::fields([&]([[maybe_unused]] auto... member) {
    [[maybe_unused]] std::size_t i = 0;
    return items.size() == sizeof...(member) && (... && from_value(items[i++], nested.*member));
  });
}

template <class T>
bool from_value(const cbor::Value& value, T& field) {
  if constexpr (std::same_as<T, Bytes>)
    return take_octets(value.bytes(), field, longest_bytes);
  else if constexpr (std::same_as<T, std::string>)
    return take_octets(value.text(), field, longest_text);
  else if constexpr (std::same_as<T, bool>) {
    const auto flag = value.boolean();
    field = flag.value_or(false);
    return flag.has_value();
  } else if constexpr (std::integral<T>)
    return take_number(value, field);
  else if constexpr (std::is_enum_v<T>)
    return take_enum(value, field);
  else if constexpr (is_optional<T>)
    return value.is_null() || from_value(value, field.emplace());
  else if constexpr (is_vector<T>)
    return take_list(value, field);
  else
    return value.array() != nullptr &&
           take_fields(std::span<const cbor::Value>(*value.array()), field);
}

// Tries each alternative's name; the one that fits takes the fields.
template <class Variant, std::size_t... I>
std::optional<Variant> decode_named(std::string_view name, std::span<const cbor::Value> items,
                                    std::span<const std::string_view> names,
                                    std::index_sequence<I...>) {
  std::optional<Variant> decoded;
  const auto attempt = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
    if (name != names[N]) return;
    std::variant_alternative_t<N, Variant> message;
    if (take_fields(items, message)) decoded.emplace(std::move(message));
  };
  (attempt(std::integral_constant<std::size_t, I>()), ...);
  return decoded;
}

}  // namespace detail

// names: of the variant's alternatives, in their order. A text that is not UTF-8 or over the limit
// is the caller's mistake: the other end refuses the frame.
template <class Variant>
[[nodiscard]] Bytes to_frame(const Variant& message, std::span<const std::string_view> names) {
  formats::cbor::Value::Array items{formats::cbor::Value(names[message.index()])};
  std::visit([&](const auto& alternative) { detail::append_fields(items, alternative); }, message);
  return message_frame(formats::cbor::encode(formats::cbor::Value::array(std::move(items))));
}

// corrupt: it is none of these messages, or not as it should be; close the connection.
template <class Variant>
[[nodiscard]] Result<Variant> decode(BytesView payload, std::span<const std::string_view> names) {
  const auto value = TRY(formats::cbor::parse(payload, detail::cbor_limits));
  const auto* items = value.array();
  const std::string* name = items != nullptr && !items->empty() ? items->front().text() : nullptr;
  if (name == nullptr) return fail(Code::corrupt, "a message without a name");
  auto decoded = detail::decode_named<Variant>(
      *name, std::span<const formats::cbor::Value>(*items).subspan(1), names,
      std::make_index_sequence<std::variant_size_v<Variant>>());
  if (!decoded)
    return fail(Code::corrupt,
                "a message that is unknown, or whose fields are not what they should be");
  return std::move(*decoded);
}

}  // namespace countersign::framing
