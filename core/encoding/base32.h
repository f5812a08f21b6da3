// SPDX-License-Identifier: Apache-2.0
// Base32 as people and phones write secrets (RFC 4648 §6).
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::formats {

// Upper case, no padding, as the Key URI format wants it.
[[nodiscard]] Secret base32_encode(BytesView bytes);
// The same, appended to a buffer that its owner wipes.
void append_base32(std::string& out, BytesView bytes);

// Letters in either case; spaces and dashes anywhere, padding at the end are skipped. A length that
// no whole octets give is refused as cut off. Bits left over in the last letter are ignored, as
// every phone does: some issuers make secrets of random letters.
[[nodiscard]] Result<Secret> base32_decode(std::string_view text);

}  // namespace countersign::formats
