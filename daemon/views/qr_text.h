// SPDX-License-Identifier: Apache-2.0
// A QR code as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign::routes {

// A QR code in UTF-8 half blocks, two rows of modules in one line, lines ending with LF, with the
// quiet zone of ISO/IEC 18004; light modules are what is drawn, for light text on a dark ground. No
// colours: PAM shows text, and ssh takes control characters out of it. Nothing for a text that does
// not fit into a QR code.
[[nodiscard]] std::optional<std::string> qr_text(std::string_view text);

}  // namespace countersign::routes
