// SPDX-License-Identifier: Apache-2.0
// The hashes that one-time passwords and key derivations are offered with.
#pragma once

#include <array>

#include "core/base/enum_names.h"

namespace countersign {

enum class HashAlgorithm { sha1, sha256, sha512 };

template <>
inline constexpr auto enum_names<HashAlgorithm> =
    std::to_array<EnumName<HashAlgorithm>>({{HashAlgorithm::sha1, "SHA1"},
                                            {HashAlgorithm::sha256, "SHA256"},
                                            {HashAlgorithm::sha512, "SHA512"}});

}  // namespace countersign
