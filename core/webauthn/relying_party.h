// SPDX-License-Identifier: Apache-2.0
// Who asks: set when the store is created, the same for every ceremony.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/base/enum_names.h"

namespace countersign::webauthn {

struct RelyingParty {
  std::string id;  // RP ID: a domain name (WebAuthn L3 §4)
  std::vector<std::string>
      origins;  // as browsers serialize them: "https://example.org"; compared exactly
  std::vector<std::string>
      top_origins;  // pages that may embed us; looked at only with allow_cross_origin
  bool allow_cross_origin = false;

  bool operator==(const RelyingParty&) const = default;
};

// What this machine's own prompts put into client data in a browser's place. Accepted beside the
// configured origins only as long as it is one of them.
[[nodiscard]] inline std::string own_origin(const RelyingParty& rp) { return "https://" + rp.id; }

// WebAuthn L3 §5.8.6. Only required is judged; preferred and discouraged are for the client.
enum class UserVerification { required, preferred, discouraged };

// WebAuthn L3 §5.4.7: how much of the token's attestation the relying party wants to see.
enum class Conveyance { none, indirect, direct };

}  // namespace countersign::webauthn

namespace countersign {
template <>
inline constexpr auto enum_names<webauthn::UserVerification> =
    std::to_array<EnumName<webauthn::UserVerification>>(
        {{webauthn::UserVerification::required, "required"},
         {webauthn::UserVerification::preferred, "preferred"},
         {webauthn::UserVerification::discouraged, "discouraged"}});
template <>
inline constexpr auto enum_names<webauthn::Conveyance> =
    std::to_array<EnumName<webauthn::Conveyance>>({{webauthn::Conveyance::none, "none"},
                                                   {webauthn::Conveyance::indirect, "indirect"},
                                                   {webauthn::Conveyance::direct, "direct"}});
}  // namespace countersign
