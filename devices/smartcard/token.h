// SPDX-License-Identifier: Apache-2.0
// A smartcard as a token.
#pragma once

#include <expected>
#include <memory>

#include "devices/protocol/token.h"

namespace countersign::devices::smartcard {

// A card that is there: in a reader of PC/SC (transport card), or a software one. Opens what it
// needs; after that nothing is opened.
[[nodiscard]] std::expected<std::unique_ptr<Token>, reader::Failed> open_token(
    const Device& device);

}  // namespace countersign::devices::smartcard
