// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/bytes.h"

namespace countersign::routes {

[[nodiscard]] inline std::string to_hex(BytesView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const Byte octet : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", octet);
  return out;
}

}  // namespace countersign::routes
