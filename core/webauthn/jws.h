// SPDX-License-Identifier: Apache-2.0
// A signed text whose signer brings certificates along: JWS compact serialization (RFC 7515 §7.1)
// with x5c (§4.1.6).
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/crypto/x509_path.h"

namespace countersign::webauthn {

struct JwsRules {
  const crypto::Certificates& roots;
  Time now;
  std::string host;  // that the signer's certificate is for; empty: any
};

// The payload. Code::corrupt: it can't be read; Code::not_permitted: the signature is not good, the
// signer has no path to a root, or its certificate is for somebody else. ES256 and RS256 are taken;
// a header with "crit" is not.
[[nodiscard]] Result<Bytes> open_jws(std::string_view text, const JwsRules& rules);

}  // namespace countersign::webauthn
