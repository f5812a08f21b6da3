// SPDX-License-Identifier: Apache-2.0
// A security key as a token.
#pragma once

#include <expected>
#include <memory>

#include "devices/protocol/token.h"

namespace countersign::devices::fido2 {

// A FIDO2 or CTAP1/U2F token. Opens the node (removed, permission, busy); nothing is said to the
// token before describe().
[[nodiscard]] std::expected<std::unique_ptr<Token>, reader::Failed> open_token(
    const Device& device);

}  // namespace countersign::devices::fido2
