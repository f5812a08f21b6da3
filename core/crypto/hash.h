// SPDX-License-Identifier: Apache-2.0
// SHA-2 digests (FIPS 180-4); SHA-1 for what TPMs still make of it.
#pragma once

#include <array>
#include <initializer_list>

#include "core/base/bytes.h"

namespace countersign::crypto {

using Sha256 = std::array<Byte, 32>;

// Of the parts, one after the other.
[[nodiscard]] Sha256 sha256(std::initializer_list<BytesView> parts);
[[nodiscard]] inline Sha256 sha256(BytesView data) { return sha256({data}); }

enum class Sha2 { sha256, sha384, sha512 };
inline constexpr std::array sha2_digests = {Sha2::sha256, Sha2::sha384, Sha2::sha512};
[[nodiscard]] Bytes sha2(Sha2 algorithm, std::initializer_list<BytesView> parts);

// Collides: only to compare with what a TPM signed or named by it (WebAuthn L3 §8.3).
[[nodiscard]] Bytes sha1(std::initializer_list<BytesView> parts);

}  // namespace countersign::crypto
