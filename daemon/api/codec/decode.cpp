// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/codec/decode.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/text.h"
#include "core/encoding/json.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::api {
namespace {

// A parsed text, in memory that is wiped.
struct Document {
  struct Block {
    std::array<unsigned char, 4096> octets;  // most requests fit
    ~Block() { wipe(octets.data(), octets.size()); }
  };
  Block first;
  formats::WipedMemory heap;
  boost::json::monotonic_resource arena{first.octets.data(), first.octets.size(), &heap};
  Result<boost::json::value> value;  // made in the arena: assigning would copy it out of there

  // value is invalid for anything that is not one JSON value of at most 16 levels.
  explicit Document(std::string_view text) : value(formats::parse_json(text, 16, &arena)) {}
  Document(const Document&) = delete;
};

Result<std::string_view> plain_text(const boost::json::value& in, std::string_view name,
                                    std::size_t longest) {
  const auto* text = in.if_string();
  if (text == nullptr) return std::unexpected(field_error(name, "must be a string"));
  if (text->size() > longest)
    return std::unexpected(
        field_error(name, "is longer than " + std::to_string(longest) + " bytes"));
  if (text->find('\0') != boost::json::string::npos)
    return std::unexpected(field_error(name, "holds a NUL character"));
  return std::string_view(text->data(), text->size());
}

// What a text says, as JSON of the field's type; text that does not fit stays text, which the field
// then refuses.
boost::json::value text_value(InText form, const std::string& text) {
  if (form == InText::boolean) {
    if (text == "true" || text == "1" || text.empty()) return true;
    if (text == "false" || text == "0") return false;
  } else if (form == InText::integer) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return boost::json::value(boost::json::string_view(text.data(), text.size()));
}

const std::string* text_named(const Texts& texts, std::string_view name) {
  const auto found =
      std::ranges::find(texts, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found != texts.end() ? &found->second : nullptr;
}

// object: null when there is none.
Result<void> decode_fields(const boost::json::object* object, const Texts& texts,
                           const Shape& shape, void* out) {
  std::size_t known_members = 0;
  std::size_t known_texts = 0;
  for (const Field& field : shape.fields) {
    if (const std::string* text = text_named(texts, field.name)) {
      ++known_texts;
      if (field.type->in_text == InText::never) continue;
      TRY(field.type->decode(text_value(field.type->in_text, *text), field.name, field.longest,
                             field.in(out)));
    } else if (const auto* value = object != nullptr
                                       ? object->if_contains({field.name.data(), field.name.size()})
                                       : nullptr) {
      ++known_members;
      // Of a browser's dictionaries an optional member that is null is one that is absent.
      if (shape.further && value->is_null() && !field.required()) continue;
      TRY(field.type->decode(*value, field.name, field.longest, field.in(out)));
    } else if (field.required()) {
      return std::unexpected(field_error(field.name, "is missing"));
    }
  }
  if (known_texts != texts.size())
    for (const auto& [name, text] : texts)
      if (shape.find(name) == nullptr)
        return std::unexpected(field_error(name, "is not known here"));
  if (object != nullptr && known_members != object->size() && !shape.further)
    for (const auto& member : *object) {
      const std::string_view name(member.key().data(), member.key().size());
      if (shape.find(name) == nullptr)
        return std::unexpected(field_error(name, "is not known here"));
      if (text_named(texts, name) != nullptr)
        return std::unexpected(field_error(name, "stands in the path already"));
    }
  return {};
}

}  // namespace

const Field* Shape::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found != fields.end() ? &*found : nullptr;
}

Error field_error(std::string_view name, std::string_view what) {
  return {Code::invalid, "field '" + escape_text(name) + "' " + std::string(what)};
}
Error not_in_range(std::string_view name) {
  return field_error(name, "must be a whole number in range");
}

Result<void> decode_text(const boost::json::value& in, std::string_view name, std::size_t longest,
                         void* out) {
  const std::string_view text = TRY(plain_text(in, name, longest));
  static_cast<std::string*>(out)->assign(text);
  return {};
}

Result<void> decode_secret(const boost::json::value& in, std::string_view name, std::size_t longest,
                           void* out) {
  const std::string_view text = TRY(plain_text(in, name, longest));
  *static_cast<Secret*>(out) = Secret(text);
  return {};
}

Result<void> decode_boolean(const boost::json::value& in, std::string_view name, std::size_t,
                            void* out) {
  if (!in.is_bool()) return std::unexpected(field_error(name, "must be true or false"));
  *static_cast<bool*>(out) = in.get_bool();
  return {};
}

Result<void> decode_time(const boost::json::value& in, std::string_view name, std::size_t,
                         void* out) {
  const auto* text = in.if_string();
  const auto time = text != nullptr ? from_rfc3339({text->data(), text->size()}) : std::nullopt;
  if (!time) return std::unexpected(field_error(name, "must be a time like 2026-05-01T08:30:00Z"));
  *static_cast<Time*>(out) = *time;
  return {};
}

Result<std::int64_t> decode_integer(const boost::json::value& in, std::string_view name) {
  const auto* number = in.if_int64();
  if (number == nullptr) return std::unexpected(not_in_range(name));
  return *number;
}

Result<std::size_t> decode_choice(const boost::json::value& in, std::string_view name,
                                  std::span<const std::string_view> choices) {
  if (const auto* text = in.if_string()) {
    const auto found = std::ranges::find(choices, std::string_view(text->data(), text->size()));
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  }
  std::string all;
  for (const std::string_view choice : choices)
    all += (all.empty() ? "" : ", ") + std::string(choice);
  return std::unexpected(field_error(name, "must be one of: " + all));
}

Result<void> decode_list(const boost::json::value& in, std::string_view name, std::size_t longest,
                         const ValueType& element, void* list, void* (*append)(void* list)) {
  const auto* values = in.if_array();
  if (values == nullptr) return std::unexpected(field_error(name, "must be a list"));
  if (values->size() > longest)
    return std::unexpected(
        field_error(name, "has more than " + std::to_string(longest) + " elements"));
  for (const auto& value : *values) TRY(element.decode(value, name, default_longest, append(list)));
  return {};
}

Result<void> decode_member_object(const boost::json::value& in, std::string_view name,
                                  const Shape& shape, void* out) {
  const auto* object = in.if_object();
  if (object == nullptr) return std::unexpected(field_error(name, "must be an object"));
  return decode_fields(object, {}, shape, out);
}

Result<void> decode_object(std::string_view body, const Texts& texts, const Shape& shape,
                           void* out) {
  if (body.empty()) return decode_fields(nullptr, texts, shape, out);
  const Document document(body);
  if (!document.value) return std::unexpected(document.value.error());
  const auto* object = document.value->if_object();
  if (object == nullptr) return fail(Code::invalid, "the body must be one JSON object");
  return decode_fields(object, texts, shape, out);
}

}  // namespace countersign::api
