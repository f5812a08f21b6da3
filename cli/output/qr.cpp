// SPDX-License-Identifier: Apache-2.0
#include "cli/output/qr.h"

#include <fmt/format.h>
#include <png.h>
#include <qrencode.h>

#include <iterator>
#include <memory>

namespace countersign::cli {
namespace {

constexpr int quiet_zone = 4;

class Code2d {
 public:
  [[nodiscard]] static Result<Code2d> make(std::string_view text) {
    if (text.empty()) return fail(Code::invalid, "there is nothing to put into a QR code");
    QRcode* made =
        QRcode_encodeData(static_cast<int>(text.size() > 4096 ? 4096 : text.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M);
    if (made == nullptr || text.size() > 4096) {
      QRcode_free(made);
      return fail(Code::invalid,
                  fmt::format("a text of {} bytes does not fit into a QR code", text.size()));
    }
    return Code2d(made);
  }

  [[nodiscard]] int size() const { return code_->width + 2 * quiet_zone; }
  [[nodiscard]] bool dark(int x, int y) const {
    x -= quiet_zone;
    y -= quiet_zone;
    if (x < 0 || y < 0 || x >= code_->width || y >= code_->width) return false;
    return (code_->data[y * code_->width + x] & 1U) != 0;
  }

 private:
  explicit Code2d(QRcode* code) : code_(code, &QRcode_free) {}
  std::unique_ptr<QRcode, decltype(&QRcode_free)> code_;
};

std::string in_ascii(const Code2d& code) {
  std::string out;
  for (int y = 0; y < code.size(); ++y) {
    for (int x = 0; x < code.size(); ++x) out += code.dark(x, y) ? "##" : "  ";
    out += '\n';
  }
  return out;
}

}  // namespace

std::size_t qr_columns(std::string_view text, QrStyle style) {
  const auto code = Code2d::make(text);
  if (!code) return 0;
  return static_cast<std::size_t>(code->size()) * (style == QrStyle::ascii ? 2 : 1);
}

Result<std::string> qr_terminal(std::string_view text, QrStyle style) {
  const auto code = TRY(Code2d::make(text));
  if (style == QrStyle::ascii) return in_ascii(code);
  std::string out;
  for (int y = 0; y < code.size(); y += 2) {
    out += "\x1b[38;5;16;48;5;231m";  // black on white of the colour cube, which themes leave alone
    for (int x = 0; x < code.size(); ++x) {
      const bool upper = code.dark(x, y);
      const bool lower = code.dark(x, y + 1);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

Result<std::string> qr_svg(std::string_view text) {
  const auto code = TRY(Code2d::make(text));
  const int size = code.size();
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}mm\" height=\"{0}mm\" viewBox=\"0 0 "
      "{0} {0}\" "
      "shape-rendering=\"crispEdges\">\n"
      "<rect width=\"{0}\" height=\"{0}\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\"",
      size);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      int run = 0;
      while (x + run < size && code.dark(x + run, y)) ++run;
      if (run > 0) fmt::format_to(std::back_inserter(out), "M{} {}h{}v1h-{}z", x, y, run, run);
      x += run;
    }
  }
  out += "\"/>\n</svg>\n";
  return out;
}

Result<Bytes> qr_png(std::string_view text, int scale) {
  if (scale < 1 || scale > 32) return fail(Code::invalid, "the scale of a QR code must be 1 to 32");
  const auto code = TRY(Code2d::make(text));
  const auto side = static_cast<std::size_t>(code.size()) * static_cast<std::size_t>(scale);
  Bytes pixels(side * side);
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x)
      pixels[y * side + x] =
          code.dark(static_cast<int>(x) / scale, static_cast<int>(y) / scale) ? 0 : 255;
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = static_cast<png_uint_32>(side);
  image.format = PNG_FORMAT_GRAY;
  Bytes png(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = png.size();
  if (png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
    return fail(Code::internal,
                fmt::format("the PNG could not be made: {}", std::string_view(image.message)));
  png.resize(size);
  return png;
}

}  // namespace countersign::cli
