// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/roca.h"

#include <algorithm>
#include <array>

namespace countersign::crypto {
namespace {

// The odd primes that divide M for the shortest keys; those of longer keys are a superset.
constexpr auto primes = std::to_array<unsigned>(
    {3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
     73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167});

constexpr bool is_power_of_65537(unsigned residue, unsigned prime) {
  const unsigned generator = 65537 % prime;
  unsigned power = 1;
  do {
    if (power == residue) return true;
    power = power * generator % prime;
  } while (power != 1);
  return false;
}

unsigned residue_of(BytesView number, unsigned prime) {
  unsigned residue = 0;
  for (const Byte octet : number) residue = (residue * 256 + octet) % prime;
  return residue;
}

}  // namespace

bool has_roca_fingerprint(BytesView modulus) {
  return std::ranges::all_of(
      primes, [&](unsigned prime) { return is_power_of_65537(residue_of(modulus, prime), prime); });
}

}  // namespace countersign::crypto
