// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/codec/encode.h"

#include <algorithm>

#include "core/base/text.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::api {
namespace {

void make_room(std::string& out, std::size_t octets) {
  if (out.capacity() - out.size() >= octets) return;
  std::string more;
  more.reserve(std::max(2 * out.capacity(), out.size() + octets));
  more += out;
  wipe(out);
  out.swap(more);
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::size_t longest_escape = 6;
  make_room(out, 2 + longest_escape * text.size());
  append_json_string(out, text);
}

}  // namespace

void append(std::string& out, std::string_view text) {
  make_room(out, text.size());
  out += text;
}

void encode_text(std::string& out, const void* value) {
  append_quoted(out, *static_cast<const std::string*>(value));
}
void encode_secret(std::string& out, const void* value) {
  append_quoted(out, static_cast<const Secret*>(value)->expose_text());
}
void encode_boolean(std::string& out, const void* value) {
  append(out, *static_cast<const bool*>(value) ? "true" : "false");
}
void encode_time(std::string& out, const void* value) {
  append_quoted(out, to_rfc3339(*static_cast<const Time*>(value)));
}
void encode_choice(std::string& out, std::string_view choice) { append_quoted(out, choice); }

void encode_object(std::string& out, const Shape& shape, const void* object) {
  append(out, "{");
  bool first = true;
  for (const Field& field : shape.fields) {
    const void* value = field.in(object);
    if (field.type->content != nullptr) value = field.type->content(value);
    if (value == nullptr) continue;
    if (!std::exchange(first, false)) append(out, ",");
    append_quoted(out, field.name);
    append(out, ":");
    field.type->encode(out, value);
  }
  append(out, "}");
}

}  // namespace countersign::api
