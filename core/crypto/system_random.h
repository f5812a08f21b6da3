// SPDX-License-Identifier: Apache-2.0
// Random octets of the operating system.
#pragma once

#include "core/base/random.h"

namespace countersign::crypto {

// libcrypto's generator, seeded by the kernel.
class SystemRandom final : public Random {
 public:
  void fill(std::span<Byte> out) override;
};

}  // namespace countersign::crypto
