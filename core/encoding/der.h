// SPDX-License-Identifier: Apache-2.0
// DER (X.690 §10), read item by item: for the small structures that certificates' extensions hold.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::formats::der {

enum class Class : Byte { universal = 0, application = 1, context = 2, private_use = 3 };

// Universal tags that are asked for.
inline constexpr std::uint32_t boolean = 1, integer = 2, bit_string = 3, octet_string = 4, null = 5,
                               enumerated = 10, sequence = 16, set = 17;

struct Item {
  Class of = Class::universal;
  bool constructed = false;
  std::uint32_t tag = 0;
  BytesView content;  // a view into the input

  [[nodiscard]] bool is(std::uint32_t universal_tag) const {
    return of == Class::universal && tag == universal_tag;
  }
  [[nodiscard]] bool is_context(std::uint32_t number) const {
    return of == Class::context && tag == number;
  }
};

// The items, one after the other; at most 256. Code::corrupt: cut off, indefinite or too long
// lengths, tags beyond 28 bits.
[[nodiscard]] Result<std::vector<Item>> read(BytesView input);
// The items inside of the one item that the input is, a universal sequence or set of that tag.
[[nodiscard]] Result<std::vector<Item>> read_inside(BytesView input, std::uint32_t tag = sequence);
// An INTEGER or ENUMERATED that is not negative and fits.
[[nodiscard]] std::optional<std::int64_t> small_integer(const Item& item);

// One item: its identifier octet (X.690 §8.1.2; tags up to 30), the length in DER, the content.
[[nodiscard]] Bytes item(Byte identifier, BytesView content);

}  // namespace countersign::formats::der
