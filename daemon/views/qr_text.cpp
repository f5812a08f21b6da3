// SPDX-License-Identifier: Apache-2.0
#include "daemon/views/qr_text.h"

#include <qrencode.h>

#include <memory>

namespace countersign::routes {

std::optional<std::string> qr_text(std::string_view text) {
  constexpr int quiet_zone = 4;
  constexpr std::size_t longest = 1024;
  if (text.empty() || text.size() > longest) return std::nullopt;
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L),
      &QRcode_free);
  if (!code) return std::nullopt;
  const auto light = [&](int x, int y) {
    x -= quiet_zone;
    y -= quiet_zone;
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) return true;
    return (code->data[y * code->width + x] & 1U) == 0;
  };
  const int size = code->width + 2 * quiet_zone;
  std::string out;
  for (int y = 0; y < size; y += 2) {
    for (int x = 0; x < size; ++x) {
      const bool upper = light(x, y);
      const bool lower = y + 1 < size && light(x, y + 1);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += '\n';
  }
  return out;
}

}  // namespace countersign::routes
