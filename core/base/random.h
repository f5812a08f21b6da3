// SPDX-License-Identifier: Apache-2.0
// Where random octets come from.
#pragma once

#include <cstddef>

#include "core/base/bytes.h"

namespace countersign {

// A cryptographic source. fill() never returns without having filled: a source that can't, ends the
// process. Any thread may call it.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<Byte> out) = 0;
};

}  // namespace countersign
