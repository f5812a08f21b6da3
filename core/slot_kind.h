// SPDX-License-Identifier: Apache-2.0
// What one of the two slots of a YubiKey is programmed for, and what is done to it.
#pragma once

#include <array>

#include "core/base/enum_names.h"

namespace countersign {

enum class SlotKind { yubico_otp, hmac, hotp, static_password };

template <>
inline constexpr auto enum_names<SlotKind> = std::to_array<EnumName<SlotKind>>({
    {SlotKind::yubico_otp, "yubico-otp"},
    {SlotKind::hmac, "hmac"},
    {SlotKind::hotp, "hotp"},
    {SlotKind::static_password, "static"},
});

enum class SlotTask { write, erase, swap };

template <>
inline constexpr auto enum_names<SlotTask> = std::to_array<EnumName<SlotTask>>({
    {SlotTask::write, "write"},
    {SlotTask::erase, "erase"},
    {SlotTask::swap, "swap"},
});

}  // namespace countersign
