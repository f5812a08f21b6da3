// SPDX-License-Identifier: Apache-2.0
// The client data that a browser collects (WebAuthn L3 §5.8.1), and the steps of both ceremonies
// that judge it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/webauthn/relying_party.h"
#include "core/webauthn/steps.h"

namespace countersign::webauthn {

inline constexpr std::size_t longest_client_data = 16 * 1024;  // octets
inline constexpr std::string_view type_create = "webauthn.create";
inline constexpr std::string_view type_get = "webauthn.get";

struct ClientData {
  std::string type;
  std::string challenge;  // base64url
  std::string origin;
  bool cross_origin = false;  // also when it is not said
  std::optional<std::string> top_origin;
};

// JSON in UTF-8; members that are not known are passed over. Code::corrupt when it is too long, no
// such object, or a member is missing or of another type.
[[nodiscard]] Result<ClientData> parse_client_data(BytesView json);

// The steps client_data to top_origin. Whether the judgement goes on.
[[nodiscard]] bool judge_client_data(BytesView json, std::string_view type, BytesView challenge,
                                     const RelyingParty& rp, Report& report);

}  // namespace countersign::webauthn
