// SPDX-License-Identifier: Apache-2.0
// Times on the wire (RFC 3339).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace countersign::api {

// RFC 3339 in UTC with whole seconds, as all times on the wire: 2026-05-01T08:30:00Z.
[[nodiscard]] std::string to_rfc3339(Time time);
[[nodiscard]] std::optional<Time> from_rfc3339(std::string_view text);

}  // namespace countersign::api
