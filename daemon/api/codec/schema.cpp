// SPDX-License-Identifier: Apache-2.0
// JSON Schema (as OpenAPI 3.1 wants it) of wire types, from their fields.
#include "core/base/text.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

std::string text_schema(std::size_t longest) {
  return R"({"type":"string","maxLength":)" + std::to_string(longest) + "}";
}
std::string boolean_schema(std::size_t) { return R"({"type":"boolean"})"; }
std::string integer_schema(std::size_t) { return R"({"type":"integer"})"; }
std::string time_schema(std::size_t) { return R"({"type":"string","format":"date-time"})"; }

std::string choice_schema(std::span<const std::string_view> choices) {
  std::string out = R"({"type":"string","enum":[)";
  for (bool first = true; const std::string_view choice : choices) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, choice);
  }
  return out + "]}";
}

std::string list_schema(const ValueType& element, std::size_t longest) {
  return R"({"type":"array","maxItems":)" + std::to_string(longest) + R"(,"items":)" +
         element.schema(default_longest) + "}";
}

std::string object_schema(const Shape& shape) {
  std::string properties;
  std::string required;
  for (const Field& field : shape.fields) {
    if (!properties.empty()) properties += ',';
    append_json_string(properties, field.name);
    properties += ":{\"description\":";
    append_json_string(properties, field.about);
    properties += "," + field.schema().substr(1);
    if (!field.required()) continue;
    if (!required.empty()) required += ',';
    append_json_string(required, field.name);
  }
  return std::string(R"({"type":"object","additionalProperties":)") +
         (shape.further ? "true" : "false") + R"(,"properties":{)" + properties +
         R"(},"required":[)" + required + "]}";
}

}  // namespace countersign::api
