// SPDX-License-Identifier: Apache-2.0
// JSON text to values, by their fields. Unknown, missing and over-long fields are errors that name
// the field.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

// Values that come as text: from the path or the query of a URL.
using Texts = std::vector<std::pair<std::string, std::string>>;

// body: one JSON object, of at most 16 levels; may be empty when nothing of it is needed. It is
// parsed into memory that is wiped: requests carry codes and seeds. out: an object of that shape.
[[nodiscard]] Result<void> decode_object(std::string_view body, const Texts& texts,
                                         const Shape& shape, void* out);

// Each field from the texts or from the body; one in neither is missing, one in both, or in none of
// T, is unknown.
template <Wire T>
[[nodiscard]] Result<T> decode(std::string_view body, const Texts& texts = {}) {
  T out;
  if (auto held = decode_object(body, texts, shape_of<T>(), &out); !held)
    return std::unexpected(std::move(held).error());
  return out;
}

}  // namespace countersign::api
