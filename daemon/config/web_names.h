// SPDX-License-Identifier: Apache-2.0
// Names that browsers are compared with later: RP IDs and origins (WebAuthn L3 §4, §5.8.1). One in
// another spelling would never match, so it is refused with the spelling that does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace countersign {

// A domain in lower case. Browsers take no IP address.
[[nodiscard]] Result<void> require_rp_id(std::string_view text);

// "https://host[:port]" as browsers serialise it, http:// for localhost alone; or an Android app's
// "android:apk-key-hash:...".
[[nodiscard]] Result<void> require_origin(std::string_view text);

// The same for a page that may embed ours; its host may be an IP address.
[[nodiscard]] Result<void> require_top_origin(std::string_view text);

// Browsers give a page keys of its own domain and of those above it, and no others.
[[nodiscard]] Result<void> require_within(const std::vector<std::string>& origins,
                                          std::string_view rp_id);

}  // namespace countersign
