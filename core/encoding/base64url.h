// SPDX-License-Identifier: Apache-2.0
// Base64url without padding (RFC 4648 §5), as JOSE and WebAuthn carry octets that are no secrets.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::formats {

[[nodiscard]] std::string base64url(BytesView bytes);
// Strict, so that one value has one text: no padding, no white space, leftover bits zero. Of any
// length; empty is empty.
[[nodiscard]] Result<Bytes> base64url_decode(std::string_view text);

}  // namespace countersign::formats
