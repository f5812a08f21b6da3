// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 §4), as XML and migration URIs carry octets.
#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::formats {

// White space is skipped (XML Schema base64Binary); the URL-safe letters of §5 are taken too.
// Padding may be left out, but must be right where it is given; leftover bits must be zero, so that
// one value has one text.
[[nodiscard]] Result<Secret> base64_decode(std::string_view text);

// With padding, in one line (RFC 4648 §4).
[[nodiscard]] Secret base64_encode(BytesView bytes);

}  // namespace countersign::formats
