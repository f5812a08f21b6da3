// SPDX-License-Identifier: Apache-2.0
// libcbor's streaming decoder tells one head at a time; the tree is built here, because its own
// loader allocates what a hostile length asks for.
#include "core/encoding/cbor.h"

#include <cbor.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "core/base/text.h"

namespace countersign::formats::cbor {
namespace {

// What one call of the decoder found.
struct Head {
  enum class Kind {
    unsigned_integer,
    negative_integer,
    bytes,
    text,
    array,
    map,
    boolean,
    null,
    refused
  } kind = Kind::refused;
  std::uint64_t number = 0;  // value, flag, or how many items
  BytesView content;
};

using Kind = Head::Kind;

Head& head_of(void* context) { return *static_cast<Head*>(context); }

template <Kind kind, class Number>
void on_number(void* context, Number number) {
  head_of(context) = {.kind = kind, .number = static_cast<std::uint64_t>(number), .content = {}};
}
template <Kind kind>
void on_content(void* context, cbor_data data, std::size_t size) {
  head_of(context) = {.kind = kind, .number = 0, .content = {data, size}};
}
template <Kind kind>
void on_nothing(void* context) {
  head_of(context) = {.kind = kind, .number = 0, .content = {}};
}
template <class Number>
void on_refused(void* context, Number) {
  head_of(context) = {};
}

constexpr cbor_callbacks callbacks = {
    .uint8 = on_number<Kind::unsigned_integer>,
    .uint16 = on_number<Kind::unsigned_integer>,
    .uint32 = on_number<Kind::unsigned_integer>,
    .uint64 = on_number<Kind::unsigned_integer>,
    .negint64 = on_number<Kind::negative_integer>,
    .negint32 = on_number<Kind::negative_integer>,
    .negint16 = on_number<Kind::negative_integer>,
    .negint8 = on_number<Kind::negative_integer>,
    .byte_string_start = on_nothing<Kind::refused>,
    .byte_string = on_content<Kind::bytes>,
    .string = on_content<Kind::text>,
    .string_start = on_nothing<Kind::refused>,
    .indef_array_start = on_nothing<Kind::refused>,
    .array_start = on_number<Kind::array>,
    .indef_map_start = on_nothing<Kind::refused>,
    .map_start = on_number<Kind::map>,
    .tag = on_refused,
    .float2 = on_refused,
    .float4 = on_refused,
    .float8 = on_refused,
    .undefined = on_nothing<Kind::refused>,
    .null = on_nothing<Kind::null>,
    .boolean = on_number<Kind::boolean>,
    .indef_break = on_nothing<Kind::refused>,
};

// By octets; as text, because g++ 12 sees overreads in the comparison of vectors.
bool before(const Bytes& a, const Bytes& b) { return as_text(a) < as_text(b); }

class Parser {
 public:
  Parser(BytesView input, Limits limits) : rest_(input), items_left_(limits.items) {}

  Result<Value> item(std::size_t depth_left) {
    if (items_left_-- == 0)
      return fail(Code::corrupt, "the CBOR data has more items than are taken");
    Head head;
    const cbor_decoder_result decoded =
        cbor_stream_decode(rest_.data(), rest_.size(), &callbacks, &head);
    if (rest_.empty() || decoded.status == CBOR_DECODER_NEDATA)
      return fail(Code::corrupt, "the CBOR data is cut off");
    if (decoded.status != CBOR_DECODER_FINISHED || decoded.read == 0 ||
        decoded.read > rest_.size() || head.kind == Kind::refused)
      return fail(Code::corrupt,
                  "the CBOR data has an item that is not allowed (indefinite length, tag, float or "
                  "simple value)");
    rest_ = rest_.subspan(decoded.read);
    return value_of(head, depth_left);
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  Result<Value> value_of(const Head& head, std::size_t depth_left) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    switch (head.kind) {
      case Kind::unsigned_integer:
      case Kind::negative_integer: {
        if (head.number > most)
          return fail(Code::corrupt, "the CBOR data holds an integer of more than 63 bits");
        const auto number = static_cast<std::int64_t>(head.number);
        return Value(head.kind == Kind::negative_integer ? -1 - number : number);
      }
      case Kind::bytes:
        return Value(head.content);
      case Kind::text:
        if (!is_utf8(as_text(head.content)))
          return fail(Code::corrupt, "the CBOR data holds text that is not UTF-8");
        return Value(as_text(head.content));
      case Kind::array:
        return depth_left == 0 ? too_deep() : array_of(head.number, depth_left - 1);
      case Kind::map:
        return depth_left == 0 ? too_deep() : map_of(head.number, depth_left - 1);
      case Kind::boolean:
        return Value(head.number != 0);
      case Kind::null:
        return Value();
      case Kind::refused:
        break;
    }
    return fail(Code::corrupt, "the CBOR data has an item that is not allowed");
  }

  static Result<Value> too_deep() {
    return fail(Code::corrupt, "the CBOR data is nested too deep");
  }

  Result<Value> array_of(std::uint64_t size, std::size_t depth_left) {
    if (size > rest_.size())
      return fail(Code::corrupt, "the CBOR data is cut off");  // each item takes an octet at least
    Value::Array items;
    for (std::uint64_t i = 0; i < size; ++i) {
      auto one = item(depth_left);
      if (!one) return one;
      items.push_back(std::move(*one));
    }
    return Value::array(std::move(items));
  }

  Result<Value> map_of(std::uint64_t size, std::size_t depth_left) {
    if (size > rest_.size() / 2) return fail(Code::corrupt, "the CBOR data is cut off");
    Value::Map entries;
    std::vector<Bytes> keys;  // as canonically encoded: equal if and only if the keys are
    for (std::uint64_t i = 0; i < size; ++i) {
      auto key = item(depth_left);
      if (!key) return key;
      if (!key->integer() && key->text() == nullptr)
        return fail(Code::corrupt, "the CBOR data holds a map key that is neither number nor text");
      auto value = item(depth_left);
      if (!value) return value;
      keys.push_back(encode(*key));
      entries.push_back({std::move(*key), std::move(*value)});
    }
    std::ranges::sort(keys, before);
    if (std::ranges::adjacent_find(keys) != keys.end())
      return fail(Code::corrupt, "the CBOR data holds a map key twice");
    return Value::map(std::move(entries));
  }

  BytesView rest_;
  std::size_t items_left_;
};

void append_head(Bytes& out, auto encode_head, auto number) {
  std::array<unsigned char, 9> head{};
  const std::size_t size = encode_head(number, head.data(), head.size());
  if (size == 0) std::abort();  // nine octets hold every head
  out.insert(out.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(size));
}

void append_content(Bytes& out, BytesView content) {
  out.insert(out.end(), content.begin(), content.end());
}

void append(Bytes& out, const Value& value);

void append_map(Bytes& out, const Value::Map& map) {
  append_head(out, cbor_encode_map_start, map.size());
  std::vector<std::pair<Bytes, const Value*>> entries;
  for (const Entry& entry : map) entries.emplace_back(encode(entry.key), &entry.value);
  std::ranges::sort(entries, [](const auto& a, const auto& b) {
    const auto order = [](const Bytes& key) { return std::pair(key[0] >> 5U, key.size()); };
    return order(a.first) != order(b.first) ? order(a.first) < order(b.first)
                                            : before(a.first, b.first);
  });
  for (const auto& [key, item] : entries) {
    append_content(out, key);
    append(out, *item);
  }
}

void append(Bytes& out, const Value& value) {
  if (const auto number = value.integer()) {
    if (*number >= 0)
      append_head(out, cbor_encode_uint, static_cast<std::uint64_t>(*number));
    else
      append_head(out, cbor_encode_negint, static_cast<std::uint64_t>(-1 - *number));
  } else if (const auto flag = value.boolean()) {
    append_head(out, cbor_encode_bool, *flag);
  } else if (const Bytes* bytes = value.bytes()) {
    append_head(out, cbor_encode_bytestring_start, bytes->size());
    append_content(out, *bytes);
  } else if (const std::string* text = value.text()) {
    append_head(out, cbor_encode_string_start, text->size());
    append_content(out, as_bytes(*text));
  } else if (const Value::Array* array = value.array()) {
    append_head(out, cbor_encode_array_start, array->size());
    for (const Value& item : *array) append(out, item);
  } else if (const Value::Map* map = value.map()) {
    append_map(out, *map);
  } else {
    out.push_back(0xF6);
  }
}

}  // namespace

Value::Value() = default;
Value::Value(std::in_place_t, std::int64_t number) : held_(number) {}
Value::Value(std::in_place_t, bool flag) : held_(flag) {}
Value::Value(const char* text) : held_(std::string(text)) {}
Value::Value(std::string_view text) : held_(std::string(text)) {}
Value::Value(std::string text) : held_(std::move(text)) {}
Value::Value(Bytes bytes) : held_(std::move(bytes)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value Value::array(Array items) {
  Value value;
  value.held_ = std::move(items);
  return value;
}

Value Value::map(Map entries) {
  Value value;
  value.held_ = std::move(entries);
  return value;
}

std::optional<std::int64_t> Value::integer() const {
  const auto* number = std::get_if<std::int64_t>(&held_);
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

std::optional<bool> Value::boolean() const {
  const auto* flag = std::get_if<bool>(&held_);
  return flag != nullptr ? std::optional(*flag) : std::nullopt;
}

const Value* Value::find(std::int64_t key) const {
  if (const Map* entries = map())
    for (const Entry& entry : *entries)
      if (entry.key.integer() == key) return &entry.value;
  return nullptr;
}

const Value* Value::find(std::string_view key) const {
  if (const Map* entries = map())
    for (const Entry& entry : *entries)
      if (const std::string* text = entry.key.text(); text != nullptr && *text == key)
        return &entry.value;
  return nullptr;
}

bool Value::operator==(const Value&) const = default;

Result<Prefix> parse_prefix(BytesView input, Limits limits) {
  Parser parser(input, limits);
  auto value = TRY(parser.item(limits.depth));
  return Prefix{std::move(value), input.size() - parser.left()};
}

Result<Value> parse(BytesView input, Limits limits) {
  auto prefix = TRY(parse_prefix(input, limits));
  if (prefix.size != input.size())
    return fail(Code::corrupt, "the CBOR data goes on after its end");
  return std::move(prefix.value);
}

Bytes encode(const Value& value) {
  Bytes out;
  append(out, value);
  return out;
}

}  // namespace countersign::formats::cbor
