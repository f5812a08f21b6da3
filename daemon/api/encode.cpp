// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/encode.h"

#include "core/text.h"
#include "daemon/api/time_text.h"

namespace countersign::api {

void encode_text(std::string& out, const void* value) { append_json_string(out, *static_cast<const std::string*>(value)); }
void encode_secret(std::string& out, const void* value) { append_json_string(out, static_cast<const Secret*>(value)->expose_text()); }
void encode_boolean(std::string& out, const void* value) { out += *static_cast<const bool*>(value) ? "true" : "false"; }
void encode_time(std::string& out, const void* value) { append_json_string(out, to_rfc3339(*static_cast<const Time*>(value))); }
void encode_choice(std::string& out, std::string_view choice) { append_json_string(out, choice); }

void encode_object(std::string& out, const Shape& shape, const void* object) {
  out += '{';
  bool first = true;
  for (const Field& field : shape.fields) {
    const void* value = field.in(object);
    if (field.type->content != nullptr) value = field.type->content(value);
    if (value == nullptr) continue;
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, field.name);
    out += ':';
    field.type->encode(out, value);
  }
  out += '}';
}

}  // namespace countersign::api
