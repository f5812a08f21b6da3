// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <array>
#include <new>

#include "core/base/secret.h"

namespace countersign::formats {
namespace {

namespace json = boost::json;
using json::string_view;

// Builds the value as json::parser does, and counts the members on the way: an object keeps the
// last of two.
struct Builder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  Builder(json::storage_ptr scratch, unsigned char* buffer, std::size_t size)
      : stack(std::move(scratch), buffer, size) {}

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t count, json::error_code&) {
    members += count;
    stack.push_object(count);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t count, json::error_code&) {
    stack.push_array(count);
    return true;
  }
  bool on_key_part(string_view text, std::size_t, json::error_code&) { return chars(text); }
  bool on_key(string_view text, std::size_t, json::error_code&) {
    stack.push_key(text);
    return true;
  }
  bool on_string_part(string_view text, std::size_t, json::error_code&) { return chars(text); }
  bool on_string(string_view text, std::size_t, json::error_code&) {
    stack.push_string(text);
    return true;
  }
  bool on_number_part(string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, json::error_code&) {
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, string_view, json::error_code&) {
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, string_view, json::error_code&) {
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(string_view, json::error_code&) { return true; }
  bool on_comment(string_view, json::error_code&) { return true; }

  bool chars(string_view text) {
    stack.push_chars(text);
    return true;
  }

  json::value_stack stack;
  std::size_t members = 0;
};

std::size_t members_in(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += members_in(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const json::value& each : *array) count += members_in(each);
  }
  return count;
}

}  // namespace

void* WipedMemory::do_allocate(std::size_t size, std::size_t align) {
  return ::operator new(size, std::align_val_t(align));
}

void WipedMemory::do_deallocate(void* memory, std::size_t size, std::size_t align) {
  wipe(memory, size);
  ::operator delete(memory, std::align_val_t(align));
}

Result<json::value> parse_json(std::string_view text, std::size_t depth, json::storage_ptr memory) {
  struct Scratch {
    std::array<unsigned char, 1024> octets;
    ~Scratch() { wipe(octets.data(), octets.size()); }
  };
  WipedMemory heap;
  Scratch scratch;
  json::parse_options options;
  options.max_depth = depth;
  json::basic_parser<Builder> parser(options, &heap, scratch.octets.data(), scratch.octets.size());
  Builder& builder = parser.handler();
  builder.stack.reset(std::move(memory));
  json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = json::error::extra_data;
  if (error)
    return fail(Code::invalid,
                "not valid JSON at byte " + std::to_string(read) + ": " + error.message());
  json::value value = builder.stack.release();
  if (members_in(value) != builder.members)
    return fail(Code::invalid, "the JSON gives a member of an object twice; leave one of them out");
  return value;
}

}  // namespace countersign::formats
