// SPDX-License-Identifier: Apache-2.0
// Text that came from outside, made safe to show, log and store (T33).
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace countersign {

// Control characters (C0, DEL, C1), line separators and bidirectional formatting shown as \n, \x1b
// or \u{202e}; what is not UTF-8 as \xNN. One line in, one line out.
[[nodiscard]] std::string escape_text(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// Takes one character off the front of a text that is not empty (RFC 3629: no overlong forms, no
// surrogates); a bad octet is one malformed_character.
inline constexpr char32_t malformed_character = 0xFFFFFFFF;
[[nodiscard]] char32_t next_character(std::string_view& text);

// Refuses text that is not UTF-8, longer than so many octets, or holds a character that escape_text
// would change. field names it in the message.
[[nodiscard]] Result<void> require_plain_text(std::string_view field, std::string_view text,
                                              std::size_t longest);

// Appends as a JSON string with quotes; the characters above become \u escapes, bytes that are no
// UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII
[[nodiscard]] bool starts_with_ignoring_case(std::string_view text, std::string_view front);
[[nodiscard]] std::string_view trim(std::string_view text);  // spaces, tabs, ends of lines

}  // namespace countersign
