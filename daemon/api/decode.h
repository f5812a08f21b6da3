// SPDX-License-Identifier: Apache-2.0
// JSON text to values, by their fields. Unknown, missing and over-long fields are errors that name the field.
#pragma once

#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "core/enum_names.h"
#include "core/ports/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/text.h"
#include "daemon/api/field.h"
#include "daemon/api/time_text.h"

namespace countersign::api {

// Parses into memory that is wiped when this object goes: requests carry codes and seeds.
class Document {
 public:
  // invalid, with the position, for anything that is not one JSON value of at most 16 levels.
  [[nodiscard]] static Result<Document> parse(std::string_view text);
  ~Document();
  Document(Document&& other) noexcept;
  Document& operator=(Document&&) = delete;

  [[nodiscard]] const boost::json::value& value() const;

 private:
  struct Memory;
  explicit Document(Memory* memory) : memory_(memory) {}
  Memory* memory_;
};

[[nodiscard]] inline Error field_error(std::string_view name, std::string_view what) {
  return {Code::invalid, "field '" + escape_text(name) + "' " + std::string(what)};
}

inline Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t longest, std::string& out) {
  const auto* text = in.if_string();
  if (text == nullptr) return std::unexpected(field_error(name, "must be a string"));
  if (text->size() > longest) return std::unexpected(field_error(name, "is longer than " + std::to_string(longest) + " bytes"));
  if (text->find('\0') != boost::json::string::npos) return std::unexpected(field_error(name, "holds a NUL character"));
  out.assign(text->data(), text->size());
  return {};
}

inline Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t longest, Secret& out) {
  const auto* text = in.if_string();
  if (text == nullptr) return std::unexpected(field_error(name, "must be a string"));
  if (text->size() > longest) return std::unexpected(field_error(name, "is longer than " + std::to_string(longest) + " bytes"));
  if (text->find('\0') != boost::json::string::npos) return std::unexpected(field_error(name, "holds a NUL character"));
  out = Secret(std::string_view(text->data(), text->size()));
  return {};
}

inline Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t, bool& out) {
  if (!in.is_bool()) return std::unexpected(field_error(name, "must be true or false"));
  out = in.get_bool();
  return {};
}

inline Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t, Time& out) {
  const auto* text = in.if_string();
  const auto time = text != nullptr ? from_rfc3339({text->data(), text->size()}) : std::nullopt;
  if (!time) return std::unexpected(field_error(name, "must be a time like 2026-05-01T08:30:00Z"));
  out = *time;
  return {};
}

template <std::integral T>
Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t, T& out) {
  const auto* number = in.if_int64();
  if (number == nullptr || !std::in_range<T>(*number)) return std::unexpected(field_error(name, "must be a whole number in range"));
  out = static_cast<T>(*number);
  return {};
}

template <class E>
  requires std::is_enum_v<E>
Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t, E& out) {
  const auto* text = in.if_string();
  const auto value = text != nullptr ? from_name<E>({text->data(), text->size()}) : std::nullopt;
  if (value) {
    out = *value;
    return {};
  }
  std::string choices;
  for (const auto& entry : enum_names<E>) choices += (choices.empty() ? "" : ", ") + std::string(entry.name);
  return std::unexpected(field_error(name, "must be one of: " + choices));
}

template <Wire T>
Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t, T& out);

template <class T>
Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t longest, std::vector<T>& out) {
  const auto* list = in.if_array();
  if (list == nullptr) return std::unexpected(field_error(name, "must be a list"));
  if (list->size() > longest) return std::unexpected(field_error(name, "has more than " + std::to_string(longest) + " elements"));
  out.reserve(list->size());
  for (const auto& element : *list)
    if (auto held = decode_to(element, name, default_longest, out.emplace_back()); !held) return held;
  return {};
}

template <class T>
Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t longest, std::optional<T>& out) {
  return decode_to(in, name, longest, out.emplace());
}

// Values that come as text: from the path or the query of a URL.
using Texts = std::vector<std::pair<std::string, std::string>>;

// What a text says, as JSON of the field's type; text that does not fit stays text, which the field then refuses.
template <class T>
[[nodiscard]] boost::json::value text_value(const std::string& text) {
  if constexpr (is_optional<T>) {
    return text_value<typename T::value_type>(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text == "true" || text == "1" || text.empty()) return true;
    if (text == "false" || text == "0") return false;
  } else if constexpr (std::is_integral_v<T>) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return boost::json::value(boost::json::string_view(text.data(), text.size()));
}

// Each field from the texts or from the object; one in neither is missing, one in both, or in none of T, is unknown.
template <Wire T>
Result<void> decode_object(const boost::json::object* object, const Texts& texts, T& out) {
  std::size_t known_members = 0;
  std::size_t known_texts = 0;
  Result<void> result;
  for_each_field<T>([&](const auto& field) {
    if (!result) return;
    auto& member = out.*(field.member);
    using Member = std::remove_cvref_t<decltype(member)>;
    const auto text = std::ranges::find(texts, field.name, [](const auto& pair) { return std::string_view(pair.first); });
    const boost::json::value* value = object != nullptr && text == texts.end() ? object->if_contains({field.name.data(), field.name.size()}) : nullptr;
    if (text != texts.end()) {
      ++known_texts;
      if constexpr (!is_list<Member> && !Wire<Member>) result = decode_to(text_value<Member>(text->second), field.name, field.longest, member);
    } else if (value != nullptr) {
      ++known_members;
      result = decode_to(*value, field.name, field.longest, member);
    } else if constexpr (!is_optional<Member>) {
      result = std::unexpected(field_error(field.name, "is missing"));
    }
  });
  if (!result) return result;
  const auto is_field = [](std::string_view name) {
    bool found = false;
    for_each_field<T>([&](const auto& field) { found = found || field.name == name; });
    return found;
  };
  if (known_texts != texts.size())
    for (const auto& [name, text] : texts)
      if (!is_field(name)) return std::unexpected(field_error(name, "is not known here"));
  if (object != nullptr && known_members != object->size() && !takes_further<T>)
    for (const auto& member : *object) {
      const std::string_view name(member.key().data(), member.key().size());
      if (!is_field(name)) return std::unexpected(field_error(name, "is not known here"));
      if (std::ranges::find(texts, name, [](const auto& pair) { return std::string_view(pair.first); }) != texts.end())
        return std::unexpected(field_error(name, "stands in the path already"));
    }
  return {};
}

template <Wire T>
Result<void> decode_to(const boost::json::value& in, std::string_view name, std::size_t, T& out) {
  const auto* object = in.if_object();
  if (object == nullptr) return std::unexpected(field_error(name, "must be an object"));
  return decode_object(object, {}, out);
}

// body: one JSON object; may be empty when T needs nothing of it.
template <Wire T>
[[nodiscard]] Result<T> decode(std::string_view body, const Texts& texts = {}) {
  T out;
  if (body.empty()) {
    if (auto held = decode_object<T>(nullptr, texts, out); !held) return std::unexpected(held.error());
    return out;
  }
  const Result<Document> document = Document::parse(body);
  if (!document) return std::unexpected(document.error());
  const auto* object = document->value().if_object();
  if (object == nullptr) return fail(Code::invalid, "the body must be one JSON object");
  if (auto held = decode_object(object, texts, out); !held) return std::unexpected(held.error());
  return out;
}

}  // namespace countersign::api
