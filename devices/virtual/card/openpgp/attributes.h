// SPDX-License-Identifier: Apache-2.0
// Algorithm attributes (§4.4.3.9): which key a role has, or may have.
#pragma once

#include <optional>
#include <vector>

#include "devices/virtual/card/openpgp/state.h"

namespace countersign::virtual_card::openpgp {

[[nodiscard]] std::vector<KeyType> types_of(Role role);
[[nodiscard]] Bytes attributes(Role role, KeyType type);
// Nothing: no key that the role may have.
[[nodiscard]] std::optional<KeyType> type_from(Role role, BytesView attributes);

}  // namespace countersign::virtual_card::openpgp
