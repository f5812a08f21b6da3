// SPDX-License-Identifier: Apache-2.0
// Files that no importer reads, and what to make of them instead.
#pragma once

#include <cstddef>
#include <string_view>

namespace countersign::formats {

inline constexpr std::size_t enough_to_recognise = 4096;  // octets of a file's beginning

// What the file is and what to do, in one sentence; empty when it may well be what the caller
// wants. importer: what was asked for, as countersign-import names it.
[[nodiscard]] std::string_view advice_on(std::string_view beginning, std::string_view importer);

}  // namespace countersign::formats
