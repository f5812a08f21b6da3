// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/protobuf.h"

namespace countersign::formats {

Result<std::uint64_t> ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return fail(Code::corrupt, "the data is cut off");
    const std::uint64_t octet = rest_[0];
    rest_ = rest_.subspan(1);
    if (shift == 63 && octet > 1) break;
    value |= (octet & 0x7FU) << shift;
    if (octet < 0x80) return value;
  }
  return fail(Code::corrupt, "the data holds a number of more than 64 bits");
}

Result<BytesView> ProtobufReader::take(std::uint64_t size) {
  if (size > rest_.size()) return fail(Code::corrupt, "the data is cut off");
  const BytesView taken = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

Result<std::optional<ProtobufField>> ProtobufReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto key = TRY(varint());
  if (key >> 3U == 0 || key >> 3U > 0x1FFF'FFFF)
    return fail(Code::corrupt, "the data holds an impossible field number");
  ProtobufField field{
      .number = static_cast<std::uint32_t>(key >> 3U), .bytes_given = (key & 7U) == 2, .value = 0};
  switch (key & 7U) {
    case 0: {
      const auto value = TRY(varint());
      field.value = value;
      return field;
    }
    case 1:
    case 5: {  // 64 and 32 bits, little-endian
      const auto bytes = TRY(take((key & 7U) == 1 ? 8 : 4));
      for (std::size_t i = bytes.size(); i-- > 0;) field.value = field.value << 8U | (bytes)[i];
      return field;
    }
    case 2: {
      const auto size = TRY(varint());
      const auto bytes = TRY(take(size));
      field.bytes = bytes;
      return field;
    }
    default:
      return fail(Code::corrupt, "the data holds a field of an unknown type");
  }
}

}  // namespace countersign::formats
