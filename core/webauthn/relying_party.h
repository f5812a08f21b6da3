// SPDX-License-Identifier: Apache-2.0
// Who asks: set when the store is created, the same for every ceremony.
#pragma once

#include <string>
#include <vector>

namespace countersign::webauthn {

struct RelyingParty {
  std::string id;                        // RP ID: a domain name (WebAuthn L3 §4)
  std::vector<std::string> origins;      // as browsers serialize them: "https://example.org"; compared exactly
  std::vector<std::string> top_origins;  // pages that may embed us; looked at only with allow_cross_origin
  bool allow_cross_origin = false;

  bool operator==(const RelyingParty&) const = default;
};

// WebAuthn L3 §5.8.6. Only required is judged; preferred and discouraged are for the client.
enum class UserVerification { required, preferred, discouraged };

}  // namespace countersign::webauthn
