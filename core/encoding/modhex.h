// SPDX-License-Identifier: Apache-2.0
// Modhex: hexadecimal in letters that sit on the same keys of most keyboards, as YubiKeys type it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"

namespace countersign::formats {

[[nodiscard]] std::string modhex_encode(BytesView octets);  // lower case
// Letters in either case; nothing: another character, or an odd number of them.
[[nodiscard]] std::optional<Bytes> modhex_decode(std::string_view text);

// The octets that the keys stand for, under each keyboard layout on which the text (UTF-8) can have
// been typed: US and those that agree with it first, then Dvorak, Colemak, Turkish, Russian, Greek.
// Usually one. The same octets come once.
[[nodiscard]] std::vector<Bytes> modhex_readings(std::string_view typed);

}  // namespace countersign::formats
