// SPDX-License-Identifier: Apache-2.0
// A YubiKey's slots as a token.
#pragma once

#include <expected>
#include <memory>

#include "devices/protocol/token.h"

namespace countersign::devices::yubikey {

// The OTP interface of a YubiKey: on USB (after prepare_usb()), as an application of a card, or a
// software key's.
[[nodiscard]] bool prepare_usb();
[[nodiscard]] std::expected<std::unique_ptr<Token>, reader::Failed> open_token(
    const Device& device);

}  // namespace countersign::devices::yubikey
