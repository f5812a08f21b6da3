// SPDX-License-Identifier: Apache-2.0
// QR codes for phones to scan: on a terminal, as SVG, as PNG. The text usually is a secret, and so
// is every picture of it; callers write files with mode 0600.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::cli {

// Each refuses an empty text and one too long for a QR code (about 2,300 bytes). All have the quiet
// zone of four modules that ISO/IEC 18004 asks for.

// How a terminal can draw. blocks: UTF-8 half blocks, two rows of modules in one line, in black on
// white by ANSI colours whatever the terminal's are. ascii: "##" for a dark module, and nothing
// that is not ASCII.
enum class QrStyle { blocks, ascii };

// Lines end with LF.
[[nodiscard]] Result<std::string> qr_terminal(std::string_view text,
                                              QrStyle style = QrStyle::blocks);
// Columns that qr_terminal needs; 0 where it draws nothing.
[[nodiscard]] std::size_t qr_columns(std::string_view text, QrStyle style);
[[nodiscard]] Result<std::string> qr_svg(std::string_view text);
// Grey, 8 bits; scale pixels for each module, 1 to 32.
[[nodiscard]] Result<Bytes> qr_png(std::string_view text, int scale = 8);

}  // namespace countersign::cli
