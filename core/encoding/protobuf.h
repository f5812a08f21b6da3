// SPDX-License-Identifier: Apache-2.0
// The protocol buffer wire format, read field by field (protobuf.dev/programming-guides/encoding).
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::formats {

struct ProtobufField {
  std::uint32_t number = 0;
  bool bytes_given = false;  // wire type 2: bytes; else number: types 0, 1 and 5
  std::uint64_t value = 0;
  BytesView bytes;  // a view into the message
};

class ProtobufReader {
 public:
  explicit ProtobufReader(BytesView message) : rest_(message) {}
  // Nothing at the end; corrupt when the message is cut off or malformed.
  [[nodiscard]] Result<std::optional<ProtobufField>> next();

 private:
  [[nodiscard]] Result<std::uint64_t> varint();
  [[nodiscard]] Result<BytesView> take(std::uint64_t size);

  BytesView rest_;
};

}  // namespace countersign::formats
