// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/system_random.h"

#include <openssl/rand.h>

#include "core/crypto/openssl.h"

namespace countersign::crypto {

void SystemRandom::fill(std::span<Byte> out) {
  must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace countersign::crypto
