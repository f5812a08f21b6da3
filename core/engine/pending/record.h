// SPDX-License-Identifier: Apache-2.0
// A struct in octets and back, by its one table of fields:
//
//   struct Held {
//     std::string user;
//     Secret code;
//     static auto fields(auto& held) { return std::tie(held.user, held.code); }
//   };
//
// For what is written and read by the same version alone. A file, the database or another program
// needs a format with names or numbers (formats/cbor.h). Nothing of it stays in memory unwiped.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/base/id.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/basis.h"
#include "core/kind_set.h"

namespace countersign::engine {

template <class T>
concept Record = requires(T& record) { T::fields(record); };

class RecordWriter {
 public:
  RecordWriter() = default;
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;
  ~RecordWriter() { wipe(out_); }

  template <class T>
    requires(std::integral<T> || std::is_enum_v<T>)
  void put(T number) {
    put_integer(static_cast<std::int64_t>(number));
  }
  void put(std::string_view text);
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const Bytes& bytes) { put(as_text(bytes)); }
  void put(const Secret& secret) { put(secret.expose_text()); }
  void put(Time time) { put(unix_ms(time)); }
  void put(const Basis& basis) { put(basis.text()); }
  template <class Tag>
  void put(Id<Tag> id) {
    put(id.value);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& all) {
    put(static_cast<std::int64_t>(all.size()));
    for (const T& each : all) put(each);
  }
  template <Record T>
  void put(const T& record) {
    std::apply([this](const auto&... field) { (this->put(field), ...); }, T::fields(record));
  }

  [[nodiscard]] Secret octets() const { return Secret(std::string_view(out_)); }

 private:
  void put_integer(std::int64_t number);
  void append(std::string_view octets);

  std::string out_;
};

// After something was malformed, whatever is taken is empty.
class RecordReader {
 public:
  explicit RecordReader(std::string_view in) : in_(in) {}

  template <class T>
    requires(std::integral<T> || std::is_enum_v<T>)
  void take(T& number) {
    number = static_cast<T>(integer());
  }
  void take(std::string& text) { text = this->text(); }
  void take(Bytes& bytes) {
    const BytesView view = as_bytes(text());
    bytes.assign(view.begin(), view.end());
  }
  void take(Secret& secret) { secret = Secret(text()); }
  void take(Time& time) { time = from_unix_ms(integer()); }
  void take(Basis& basis);
  template <class Tag>
  void take(Id<Tag>& id) {
    take(id.value);
  }
  template <class T>
  void take(std::optional<T>& value) {
    value.reset();
    if (integer() != 0) take(value.emplace());
  }
  template <class T>
  void take(std::vector<T>& all) {
    all.clear();
    for (std::int64_t left = integer(); left > 0 && good_; --left) take(all.emplace_back());
  }
  template <Record T>
  void take(T& record) {
    std::apply([this](auto&... field) { (this->take(field), ...); }, T::fields(record));
  }

  // Whether all of it was taken, and nothing was malformed.
  [[nodiscard]] bool whole() const { return good_ && in_.empty(); }

 private:
  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] std::string_view text();
  [[nodiscard]] std::string_view octets(std::size_t size);

  std::string_view in_;
  bool good_ = true;
};

template <Record T>
[[nodiscard]] Secret encode_record(const T& record) {
  RecordWriter out;
  out.put(record);
  return out.octets();
}

// corrupt: it was not made by encode_record<T>.
template <Record T>
[[nodiscard]] Result<T> decode_record(const Secret& octets) {
  RecordReader in(octets.expose_text());
  T record;
  in.take(record);
  if (!in.whole()) return fail(Code::corrupt, "a record that waits is malformed");
  return record;
}

}  // namespace countersign::engine
