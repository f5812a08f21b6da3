// SPDX-License-Identifier: Apache-2.0
// Wire types say their fields once: decoding, encoding, the OpenAPI document and --json all come
// from that.
//
// What is said is data: a table of fields for each wire type, each with the three functions of its
// member's type. So there is one decoder (decode.cpp) and one encoder (encode.cpp), and the
// compiler makes neither of them again for each type.
#pragma once

#include <boost/json/fwd.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/enum_names.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::api {

inline constexpr std::size_t default_longest = 1024;  // octets of a string that declares no limit
// Of how a request names a user: a name, or "login:" and the name of an account on this host.
inline constexpr std::size_t longest_user = 264;

// What a text from a URL is read as, before a field of this type takes or refuses it.
enum class InText { text, boolean, integer, never };

// How the values of one type go to and from JSON. The void pointers are to such a value.
struct ValueType {
  using Decode = Result<void>(const boost::json::value& in, std::string_view name,
                              std::size_t longest, void* out);
  using Encode = void(std::string& out,
                      const void* value);  // appends; what outgrows its memory is wiped there, for
                                           // secrets may be in it
  using SchemaText = std::string(std::size_t longest);
  using Content = const void*(const void* value);

  Decode* decode;
  Encode* encode;
  SchemaText* schema;
  InText in_text = InText::text;
  Content* content =
      nullptr;  // of an optional: the value that encode wants, or null when there is none
};

// A member of a wire type.
struct Field {
  template <class S, class M>
  Field(std::string_view called, M S::* member, std::string_view said,
        std::size_t at_most = default_longest);

  std::string_view name;
  std::string_view about;  // one line for people who read the OpenAPI document
  std::size_t longest;     // octets of a string, elements of a list
  std::ptrdiff_t offset;
  const ValueType* type;

  [[nodiscard]] std::string schema() const {
    return type->schema(longest);
  }  // JSON Schema, as OpenAPI 3.1 wants it
  [[nodiscard]] bool required() const { return type->content == nullptr; }
  [[nodiscard]] void* in(void* object) const { return static_cast<std::byte*>(object) + offset; }
  [[nodiscard]] const void* in(const void* object) const {
    return static_cast<const std::byte*>(object) + offset;
  }
};
using Fields = std::vector<Field>;

// A wire type is a struct with a static fields(). One that extends another has it as its only base,
// and appends to its fields.
template <class T>
concept Wire = requires {
  { T::fields() } -> std::same_as<Fields>;
};

// What the body says of a request whose first field stands in the path.
template <Wire T>
struct BodyOf : T {
  static Fields fields() {
    Fields fields = T::fields();
    fields.erase(fields.begin());
    return fields;
  }
};

struct Shape {
  Fields fields;
  // Other members are passed over: the type's standard lets others add them. An optional one may
  // be null.
  bool further = false;
  [[nodiscard]] const Field* find(std::string_view name) const;
};

// A type whose standard lets others add members says so: static constexpr bool further_members =
// true.
template <Wire T>
[[nodiscard]] const Shape& shape_of() {
  static const Shape shape{.fields = T::fields(), .further = requires {T::further_members;
}
};  // namespace countersign::api
return shape;
}

// "field 'NAME' WHAT"
[[nodiscard]] Error field_error(std::string_view name, std::string_view what);

// --- the types that members have ---

ValueType::Decode decode_text, decode_secret, decode_boolean, decode_time;
void append(std::string& out, std::string_view text);  // as Encode does
ValueType::Encode encode_text, encode_secret, encode_boolean, encode_time;
ValueType::SchemaText text_schema, boolean_schema, time_schema, integer_schema;
[[nodiscard]] Result<std::int64_t> decode_integer(const boost::json::value& in,
                                                  std::string_view name);
[[nodiscard]] Error not_in_range(std::string_view name);
// Which of them it is.
[[nodiscard]] Result<std::size_t> decode_choice(const boost::json::value& in, std::string_view name,
                                                std::span<const std::string_view> choices);
void encode_choice(std::string& out, std::string_view choice);
[[nodiscard]] std::string choice_schema(std::span<const std::string_view> choices);
// append: one more element of the list, to decode into.
[[nodiscard]] Result<void> decode_list(const boost::json::value& in, std::string_view name,
                                       std::size_t longest, const ValueType& element, void* list,
                                       void* (*append)(void* list));
[[nodiscard]] std::string list_schema(const ValueType& element, std::size_t longest);
[[nodiscard]] Result<void> decode_member_object(const boost::json::value& in, std::string_view name,
                                                const Shape& shape, void* out);
void encode_object(std::string& out, const Shape& shape, const void* object);
[[nodiscard]] std::string object_schema(const Shape& shape);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

template <class E>
inline constexpr auto choices_of = [] {
  std::array<std::string_view, enum_names<E>.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = enum_names<E>[i].name;
  return names;
}();

template <class T>
[[nodiscard]] constexpr ValueType make_value_type();
template <class T>
inline constexpr ValueType value_type = make_value_type<T>();

template <std::integral T>
[[nodiscard]] constexpr ValueType make_integer_type() {
  return {.decode = [](const boost::json::value& in, std::string_view name, std::size_t,
                       void* out) -> Result<void> {
            const std::int64_t number = TRY(decode_integer(in, name));
            if (!std::in_range<T>(number)) return std::unexpected(not_in_range(name));
            *static_cast<T*>(out) = static_cast<T>(number);
            return {};
          },
          .encode =
              [](std::string& out, const void* value) {
                append(out, std::to_string(*static_cast<const T*>(value)));
              },
          .schema = integer_schema,
          .in_text = InText::integer};
}

template <class E>
  requires std::is_enum_v<E>
[[nodiscard]] constexpr ValueType make_choice_type() {
  return {.decode = [](const boost::json::value& in, std::string_view name, std::size_t,
                       void* out) -> Result<void> {
            const std::size_t index = TRY(decode_choice(in, name, choices_of<E>));
            *static_cast<E*>(out) = enum_names<E>[index].value;
            return {};
          },
          .encode =
              [](std::string& out, const void* value) {
                encode_choice(out, to_name(*static_cast<const E*>(value)));
              },
          .schema = [](std::size_t) { return choice_schema(choices_of<E>); }};
}

template <class T>
[[nodiscard]] constexpr ValueType make_list_type() {
  return {.decode = [](const boost::json::value& in, std::string_view name, std::size_t longest,
                       void* out) -> Result<void> {
            return decode_list(in, name, longest, value_type<T>, out, [](void* list) -> void* {
              return &static_cast<std::vector<T>*>(list)->emplace_back();
            });
          },
          .encode =
              [](std::string& out, const void* value) {
                append(out, "[");
                for (bool first = true;
                     const T& element : *static_cast<const std::vector<T>*>(value)) {
                  if (!std::exchange(first, false)) append(out, ",");
                  value_type<T>.encode(out, &element);
                }
                append(out, "]");
              },
          .schema = [](std::size_t longest) { return list_schema(value_type<T>, longest); },
          .in_text = InText::never};
}

template <class T>
[[nodiscard]] constexpr ValueType make_optional_type() {
  return {.decode = [](const boost::json::value& in, std::string_view name, std::size_t longest,
                       void* out) -> Result<void> {
            return value_type<T>.decode(in, name, longest,
                                        &static_cast<std::optional<T>*>(out)->emplace());
          },
          .encode = value_type<T>.encode,
          .schema = value_type<T>.schema,
          .in_text = value_type<T>.in_text,
          .content = [](const void* value) -> const void* {
            const auto& held = *static_cast<const std::optional<T>*>(value);
            return held ? &*held : nullptr;
          }};
}

template <Wire T>
[[nodiscard]] constexpr ValueType make_object_type() {
  return {.decode = [](const boost::json::value& in, std::string_view name, std::size_t, void* out)
              -> Result<void> { return decode_member_object(in, name, shape_of<T>(), out); },
          .encode = [](std::string& out,
                       const void* value) { encode_object(out, shape_of<T>(), value); },
          .schema = [](std::size_t) { return object_schema(shape_of<T>()); },
          .in_text = InText::never};
}

template <class T>
constexpr ValueType make_value_type() {
  if constexpr (std::is_same_v<T, std::string>)
    return {.decode = decode_text, .encode = encode_text, .schema = text_schema};
  else if constexpr (std::is_same_v<T, Secret>)
    return {.decode = decode_secret, .encode = encode_secret, .schema = text_schema};
  else if constexpr (std::is_same_v<T, bool>)
    return {.decode = decode_boolean,
            .encode = encode_boolean,
            .schema = boolean_schema,
            .in_text = InText::boolean};
  else if constexpr (std::is_same_v<T, Time>)
    return {.decode = decode_time, .encode = encode_time, .schema = time_schema};
  else if constexpr (std::is_integral_v<T>)
    return make_integer_type<T>();
  else if constexpr (std::is_enum_v<T>)
    return make_choice_type<T>();
  else if constexpr (is_optional<T>)
    return make_optional_type<typename T::value_type>();
  else if constexpr (is_list<T>)
    return make_list_type<typename T::value_type>();
  else
    return make_object_type<T>();
}

// A pointer to a data member is its offset (Itanium C++ ABI, 2.3.1).
template <class S, class M>
Field::Field(std::string_view called, M S::* member, std::string_view said, std::size_t at_most)
    : name(called),
      about(said),
      longest(at_most),
      offset(std::bit_cast<std::ptrdiff_t>(member)),
      type(&value_type<M>) {}

}  // namespace countersign::api
