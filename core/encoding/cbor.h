// SPDX-License-Identifier: Apache-2.0
// CBOR (RFC 8949), as far as CTAP and WebAuthn use it: one immutable value type, parsed with
// bounds, written canonically.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::formats::cbor {

struct Entry;
using Null = std::monostate;

// One data item. Integers are those of int64_t. Compares by content; a copy is deep. Any number of
// threads may read one. The constructors are implicit so that literals nest: Value::map({{1, 2},
// {3, -7}, {"fmt", "none"}, {-2, x}}).
class Value {
 public:
  using Array = std::vector<Value>;
  using Map = std::vector<Entry>;  // in the order as encoded; keys differ

  Value();  // null
  template <std::integral T>
    requires(!std::same_as<T, bool> && (std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t)))
  Value(T number) : Value(std::in_place, static_cast<std::int64_t>(number)) {}
  template <std::same_as<bool> T>
  Value(T flag) : Value(std::in_place, flag) {}
  Value(const char* text);
  Value(std::string_view text);
  Value(std::string text);
  Value(Bytes bytes);
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, Bytes> &&
             !std::same_as<std::remove_cvref_t<T>, Value> &&
             std::convertible_to<const T&, BytesView>)
  Value(const T& bytes) : Value(copy_of(bytes)) {}
  // Written in the .cpp, because an entry is not complete here.
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  [[nodiscard]] static Value array(Array items);
  [[nodiscard]] static Value map(Map entries);  // the keys must differ

  [[nodiscard]] bool is_null() const { return std::holds_alternative<Null>(held_); }
  // Nothing (nullptr) when it is of another type.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] const Bytes* bytes() const { return std::get_if<Bytes>(&held_); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&held_); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&held_); }
  [[nodiscard]] const Map* map() const { return std::get_if<Map>(&held_); }

  // A map's value by key; nullptr when there is none, or this is no map.
  [[nodiscard]] const Value* find(std::int64_t key) const;
  [[nodiscard]] const Value* find(std::string_view key) const;
  // The same, with the type asked for too.
  [[nodiscard]] std::optional<std::int64_t> integer_at(auto key) const {
    const Value* at = find(key);
    return at != nullptr ? at->integer() : std::nullopt;
  }
  [[nodiscard]] std::optional<bool> boolean_at(auto key) const {
    const Value* at = find(key);
    return at != nullptr ? at->boolean() : std::nullopt;
  }
  [[nodiscard]] const Bytes* bytes_at(auto key) const {
    const Value* at = find(key);
    return at != nullptr ? at->bytes() : nullptr;
  }
  [[nodiscard]] const std::string* text_at(auto key) const {
    const Value* at = find(key);
    return at != nullptr ? at->text() : nullptr;
  }
  [[nodiscard]] const Array* array_at(auto key) const {
    const Value* at = find(key);
    return at != nullptr ? at->array() : nullptr;
  }
  [[nodiscard]] const Value* map_at(auto key) const {
    const Value* at = find(key);
    return at != nullptr && at->map() != nullptr ? at : nullptr;
  }

  bool operator==(const Value&) const;

 private:
  Value(std::in_place_t, std::int64_t number);
  Value(std::in_place_t, bool flag);
  static Bytes copy_of(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

  std::variant<Null, std::int64_t, bool, Bytes, std::string, Array, Map> held_;
};

struct Entry {
  Value key;
  Value value;

  bool operator==(const Entry&) const = default;
};

// depth: arrays and maps inside of each other (0: none may come); items: data items in all. The
// caller bounds the input's size.
struct Limits {
  std::size_t depth = 8;
  std::size_t items = 4096;
};

// Exactly one item and nothing after it. Refused (Code::corrupt): indefinite lengths, duplicate
// keys, map keys that are neither integer nor text, tags, floats, undefined and other simple
// values, integers outside of int64_t, text that is not UTF-8, what is cut off, what is over a
// limit. Integers that are longer than they need be and unsorted keys are taken: who wants the
// canonical form alone compares encode(parse(x)) with x.
[[nodiscard]] Result<Value> parse(BytesView input, Limits limits = {});

struct Prefix {
  Value value;
  std::size_t size = 0;  // octets of the input it takes
};
// The first item; what comes after it is not looked at.
[[nodiscard]] Result<Prefix> parse_prefix(BytesView input, Limits limits = {});

// CTAP2 canonical form (CTAP 2.1 §8): keys sorted by major type, then length, then octets; shortest
// integers; definite lengths.
[[nodiscard]] Bytes encode(const Value& value);

}  // namespace countersign::formats::cbor
