// SPDX-License-Identifier: Apache-2.0
// RSA moduli made by the faulty generator of some Infineon chips (CVE-2017-15361): their primes are
// of the form k * M + (65537^a mod M) with M a product of small primes, so the modulus is a power
// of 65537 modulo each of these (Nemec et al., CCS 2017).
#pragma once

#include "core/base/bytes.h"

namespace countersign::crypto {

// Whether the modulus (big-endian) has the fingerprint. Another modulus has it by chance with a
// probability below 2^-27.
[[nodiscard]] bool has_roca_fingerprint(BytesView modulus);

}  // namespace countersign::crypto
