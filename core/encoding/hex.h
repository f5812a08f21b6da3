// SPDX-License-Identifier: Apache-2.0
// Base16 (RFC 4648 §8), as token vendors print seeds.
#pragma once

#include <string_view>

#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::formats {

// Digits in either case; spaces, dashes and colons between them are skipped.
[[nodiscard]] Result<Secret> hex_decode(std::string_view text);

[[nodiscard]] std::string hex_encode(BytesView bytes);  // lower case
[[nodiscard]] Secret hex_encode_secret(BytesView bytes);

}  // namespace countersign::formats
