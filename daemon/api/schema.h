// SPDX-License-Identifier: Apache-2.0
// JSON Schema (as OpenAPI 3.1 wants it) of a wire type, from its fields.
#pragma once

#include <string>
#include <vector>

#include "core/enum_names.h"
#include "core/ports/clock.h"
#include "core/secret.h"
#include "core/text.h"
#include "daemon/api/field.h"

namespace countersign::api {

struct SchemaField {
  std::string name;
  std::string about;
  std::string schema;  // JSON text
  bool required = false;
};

struct Schema {
  std::vector<SchemaField> fields;
  bool further = false;  // members that are not named here may be there
  [[nodiscard]] std::string text() const;  // one JSON object
};

template <class T>
[[nodiscard]] Schema schema_of();

template <class T>
[[nodiscard]] std::string schema_text(std::size_t longest) {
  if constexpr (is_optional<T>) return schema_text<typename T::value_type>(longest);
  else if constexpr (is_list<T>)
    return R"({"type":"array","maxItems":)" + std::to_string(longest) + R"(,"items":)" + schema_text<typename T::value_type>(default_longest) + "}";
  else if constexpr (std::is_same_v<T, bool>) return R"({"type":"boolean"})";
  else if constexpr (std::is_integral_v<T>) return R"({"type":"integer"})";
  else if constexpr (std::is_same_v<T, Time>) return R"({"type":"string","format":"date-time"})";
  else if constexpr (std::is_enum_v<T>) {
    std::string out = R"({"type":"string","enum":[)";
    for (bool first = true; const auto& entry : enum_names<T>) {
      if (!std::exchange(first, false)) out += ',';
      append_json_string(out, entry.name);
    }
    return out + "]}";
  } else if constexpr (Wire<T>) return schema_of<T>().text();
  else return R"({"type":"string","maxLength":)" + std::to_string(longest) + "}";
}

template <class T>
Schema schema_of() {
  Schema schema;
  schema.further = takes_further<T>;
  for_each_field<T>([&](const auto& field) {
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*(field.member))>;
    schema.fields.push_back({std::string(field.name), std::string(field.about), schema_text<Member>(field.longest), !is_optional<Member>});
  });
  return schema;
}

inline std::string Schema::text() const {
  std::string properties;
  std::string required;
  for (const SchemaField& field : fields) {
    if (!properties.empty()) properties += ',';
    append_json_string(properties, field.name);
    properties += ":{\"description\":";
    append_json_string(properties, field.about);
    properties += "," + field.schema.substr(1);
    if (!field.required) continue;
    if (!required.empty()) required += ',';
    append_json_string(required, field.name);
  }
  return std::string(R"({"type":"object","additionalProperties":)") + (further ? "true" : "false") + R"(,"properties":{)" + properties + R"(},"required":[)" + required + "]}";
}

}  // namespace countersign::api
