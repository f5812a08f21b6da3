// SPDX-License-Identifier: Apache-2.0
// Values to JSON text, by their fields. Optional members that have no value are left out.
#pragma once

#include <string>

#include "daemon/api/codec/field.h"

namespace countersign::api {

// Appends.
template <class T>
void encode_to(std::string& out, const T& value) {
  value_type<T>.encode(out, &value);
}

template <Wire T>
[[nodiscard]] std::string encode(const T& value) {
  std::string out;
  encode_object(out, shape_of<T>(), &value);
  return out;
}

}  // namespace countersign::api
