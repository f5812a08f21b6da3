// SPDX-License-Identifier: Apache-2.0
// QR codes are read back by zbarimg, a reader that is not ours. It must be installed: a missing
// reader fails the test.
#include "cli/output/qr.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace countersign;
using namespace countersign::cli;

namespace {

constexpr std::string_view uri =
    "otpauth://totp/"
    "ACME%20Co:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME%20Co&algorithm=SHA1&"
    "digits=6&period=30";

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/countersign-qr-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name, std::string_view content) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << content;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

std::string scan(const std::string& file) {
  FILE* pipe = popen(("zbarimg --quiet --raw --nodbus " + file).c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  BOOST_TEST(pclose(pipe) == 0, "zbarimg (package zbar-tools) did not read the code");
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

// What the terminal would show, as a portable grey map: four pixels for a module.
std::string picture_of(std::string_view terminal) {
  std::vector<std::string> rows;
  std::string upper, lower;
  while (!terminal.empty()) {
    const auto glyph = [&](std::string_view text, char above, char below) {
      if (!terminal.starts_with(text)) return false;
      upper.append(4, above);
      lower.append(4, below);
      terminal.remove_prefix(text.size());
      return true;
    };
    const char dark = 0, light = static_cast<char>(255);
    if (terminal[0] == '\x1b') {
      terminal.remove_prefix(terminal.find('m') + 1);
    } else if (terminal[0] == '\n') {
      rows.insert(rows.end(), 4, upper);
      rows.insert(rows.end(), 4, lower);
      upper.clear();
      lower.clear();
      terminal.remove_prefix(1);
    } else {
      BOOST_REQUIRE((glyph("█", dark, dark) || glyph("▀", dark, light) || glyph("▄", light, dark) ||
                     glyph(" ", light, light)));
    }
  }
  std::string out =
      "P5 " + std::to_string(rows.at(0).size()) + " " + std::to_string(rows.size()) + " 255\n";
  for (const std::string& row : rows) out += row;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(qr)

BOOST_AUTO_TEST_CASE(a_png_is_read_back) {
  const Folder folder;
  for (const int scale : {3, 8}) {
    const auto png = qr_png(uri, scale);
    BOOST_REQUIRE(png);
    BOOST_TEST(scan(folder.file("code.png", as_text(*png))) == uri);
  }
}

BOOST_AUTO_TEST_CASE(the_terminals_is_read_back_and_narrow_enough) {
  const auto text = qr_terminal(uri);
  BOOST_REQUIRE(text);
  const Folder folder;
  const std::string picture = picture_of(*text);
  BOOST_TEST(std::atoi(picture.c_str() + 3) / 4 <= 80);
  BOOST_TEST(scan(folder.file("code.pgm", picture)) == uri);
}

BOOST_AUTO_TEST_CASE(the_plain_one_is_ascii_and_read_back) {
  const auto text = qr_terminal(uri, QrStyle::ascii);
  BOOST_REQUIRE(text);
  BOOST_TEST(std::ranges::all_of(*text, [](char c) { return c == '#' || c == ' ' || c == '\n'; }));
  const std::size_t columns = text->find('\n');
  BOOST_TEST(columns == qr_columns(uri, QrStyle::ascii));
  BOOST_TEST(columns == 2 * qr_columns(uri, QrStyle::blocks));
  std::string rows;
  for (std::size_t at = 0; at < text->size(); at += columns + 1) {
    std::string row;
    for (const char c : text->substr(at, columns))
      row.append(2, static_cast<char>(c == '#' ? 0 : 255));
    for (int i = 0; i < 4; ++i) rows += row;
  }
  const Folder folder;
  const std::string head =
      "P5 " + std::to_string(2 * columns) + " " + std::to_string(2 * columns) + " 255\n";
  BOOST_TEST(scan(folder.file("code.pgm", head + rows)) == uri);
  BOOST_TEST(qr_columns("", QrStyle::ascii) == 0U);
}

BOOST_AUTO_TEST_CASE(an_svg_shows_the_same_modules) {
  const auto svg = qr_svg("x");
  BOOST_REQUIRE(svg);
  BOOST_TEST(svg->starts_with(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"29mm\""));  // 21 modules and two quiet
                                                                     // zones
  BOOST_TEST(svg->contains("d=\"M4 4h7v1h-7z"));  // the finder pattern's upper edge
  BOOST_TEST(svg->ends_with("\"/>\n</svg>\n"));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  BOOST_TEST(!qr_png(""));
  BOOST_TEST(!qr_png(std::string(2400, 'x')));
  BOOST_TEST(!qr_terminal(std::string(1U << 20U, 'x')));
  BOOST_TEST(qr_svg(std::string(2300, 'x')).has_value());
  BOOST_TEST(!qr_png("x", 0));
  BOOST_TEST(!qr_png("x", 33));
}

BOOST_AUTO_TEST_SUITE_END()
