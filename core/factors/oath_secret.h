// SPDX-License-Identifier: Apache-2.0
// How long an OATH secret may be.
#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.h"

namespace countersign {

// 10 octets are what many sites hand out; RFC 4226 §4 R6 asks for 16.
[[nodiscard]] inline Result<void> require_oath_secret_size(std::size_t size) {
  if (size >= 10 && size <= 128) return {};
  return fail(Code::invalid,
              "the secret has " + std::to_string(size) + " bytes; it needs 10 to 128");
}

}  // namespace countersign
