// SPDX-License-Identifier: Apache-2.0
#include "core/formats/csv.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

struct Read {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;
  std::vector<std::string> defects;  // of rows without fields
  bool whole = false;
};

Read read(std::string_view text, std::size_t piece = 4096, Separator separator = Separator::comma) {
  const Source source = source_of(text, piece);
  CsvReader reader(source, separator);
  Read got;
  for (;;) {
    const auto more = reader.next();
    if (!more) return got;
    if (!*more) {
      got.whole = true;
      return got;
    }
    if (!reader.defect().empty())
      got.defects.push_back(reader.defect());
    else
      got.rows.emplace_back(reader.fields().begin(), reader.fields().end());
    got.lines.push_back(reader.line());
  }
}

using Rows = std::vector<std::vector<std::string>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(rfc_4180_in_pieces_of_any_size) {
  const std::string text = "\xEF\xBB\xBF\"a\",b\r\n\r\n1,\"2,\n\"\"x\"\"\r\n\"\n,\n\"end\r\",z";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    const Read got = read(text, piece);
    BOOST_TEST(got.whole);
    BOOST_TEST((got.rows == Rows{{"a", "b"}, {"1", "2,\n\"x\"\r\n"}, {"", ""}, {"end\r", "z"}}));
    BOOST_TEST((got.lines == std::vector<std::size_t>{1, 3, 6, 7}));
  }
}

BOOST_AUTO_TEST_CASE(ends_of_lines_and_of_the_file) {
  BOOST_TEST((read("a,b\nc,d\n").rows == Rows{{"a", "b"}, {"c", "d"}}));
  BOOST_TEST((read("a,b\r\nc,d").rows == Rows{{"a", "b"}, {"c", "d"}}));
  BOOST_TEST((read("a,\"b\"\r\n\"\"\r\n").rows == Rows{{"a", "b"}, {""}}));
  BOOST_TEST(read("").rows.empty());
  BOOST_TEST(read("\r\n\n\xEF\xBB\xBF").whole);
  BOOST_TEST(!read("a,\"b").whole);
}

BOOST_AUTO_TEST_CASE(stray_quotes_and_endless_fields_cost_their_row_only) {
  const Read got = read("a\"b,c\nd,e\n\"f\"g\nh\n\"i\"\rj\nk,\"" + std::string(1U << 20U, 'x') +
                        "\"\nl\n" + std::string(1U << 20U, ',') + "\nm\n");
  BOOST_TEST(got.whole);
  BOOST_TEST((got.rows == Rows{{"d", "e"}, {"h"}, {"l"}, {"m"}}));
  BOOST_REQUIRE(got.defects.size() == 5u);
  BOOST_TEST(got.defects[0].contains("field 1 has a quote"));
  BOOST_TEST(got.defects[3].contains("field 2 is longer than 65536 bytes"));
  BOOST_TEST(got.defects[4].contains("more than 64 fields"));
}

BOOST_AUTO_TEST_CASE(the_first_line_says_what_parts_fields) {
  const auto found = [](std::string_view text, std::size_t piece = 4096) {
    return read(text, piece, Separator::as_in_first_line).rows;
  };
  for (std::size_t piece = 1; piece < 20; ++piece) {
    BOOST_TEST((found("\r\na;\"b,c,d\";e\r\n1;2,3;4", piece) ==
                Rows{{"a", "b,c,d", "e"}, {"1", "2,3", "4"}}));
    BOOST_TEST((found("sep=|\na|b\n", piece) == Rows{{"a", "b"}}));
  }
  BOOST_TEST((found("a\nb;c\n") == Rows{{"a"}, {"b;c"}}));
  BOOST_TEST((found("a,b;c\n") == Rows{{"a", "b;c"}}));  // as many of each: a comma
  BOOST_TEST((found("sep=;") == Rows{}));
  BOOST_TEST((read("a;b\n").rows == Rows{{"a;b"}}));
  const std::string text = "sep=;\na;b\n\n\"c\n\";d\ne;f\n";
  BOOST_TEST(
      (read(text, 3, Separator::as_in_first_line).lines == std::vector<std::size_t>{2, 4, 6}));
}

BOOST_AUTO_TEST_CASE(utf_16_of_either_order_in_pieces_of_any_size) {
  const std::u16string text = u"a\u00e9,\u20ac\U0001F511\r\n1,2\r\n";
  const auto octets = [](std::u16string_view units, bool little) {
    std::string out;
    for (const char16_t unit : units)
      for (const int shift : {little ? 0 : 8, little ? 8 : 0})
        out += static_cast<char>(unit >> shift & 0xFF);
    return out;
  };
  const Rows rows{{"a\xC3\xA9", "\xE2\x82\xAC\xF0\x9F\x94\x91"}, {"1", "2"}};
  for (const bool little : {true, false})
    for (const std::u16string_view mark : {u"\xFEFF", u""})
      for (std::size_t piece = 1; piece < 12; ++piece) {
        const Read got = read(octets(mark, little) + octets(text, little), piece);
        BOOST_TEST((got.whole && got.rows == rows), "piece " << piece);
      }
  const std::string whole = octets(
      u"\xFEFF"
      u"a,b\n",
      true);
  BOOST_TEST(!read(whole + "x").whole);
  BOOST_TEST(!read(whole + octets(u"\xD83D", true)).whole);
  BOOST_TEST(
      (read(whole + octets(u"\xDD11\xD83D,", true)).rows == Rows{{"a", "b"}, {"\xFF\xFF", ""}}));
  const Read large = read(octets(u"\xFEFF" + std::u16string(20'000, u'\u20ac') + u",b\n", true));
  BOOST_TEST(large.rows.size() == 1u);
}

BOOST_AUTO_TEST_CASE(T34_formulas_are_made_harmless) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
      {"+4930", "'+4930"},
      {"-1", "'-1"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "\"'\t=1\""},
      {"\r=1", "\"'\r=1\""},
      {"'=1", "''=1"},
      {"plain", "plain"},
      {"it's", "it's"},
      {"a=b", "a=b"},
      {"=\"0012\"", "\"'=\"\"0012\"\"\""},
      {"", ""},
      {"a;b", "\"a;b\""}};
  for (const auto& [field, written] : cases) {
    std::string out;
    append_csv_field(out, field);
    BOOST_TEST(out == written);
    const auto got = read("x," + out + "\n");
    BOOST_REQUIRE(got.rows.size() == 1u);
    BOOST_TEST(got.rows[0][1] == field);
  }
}

BOOST_AUTO_TEST_CASE(random_rows_come_back) {
  std::mt19937 random(4);
  const std::string letters = "ab'=+-@\t\r\n\",; \xC3\xA9";
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> row(1 + random() % 5);
    for (std::string& field : row)
      for (auto n = random() % 12; n > 0; --n) field += letters[random() % letters.size()];
    row[0] += 'z';  // a row of nothing is no row
    const std::vector<std::string_view> views(row.begin(), row.end());
    std::string out;
    append_csv_row(out, views);
    const Read got = read(out, 1 + random() % 9);
    BOOST_TEST((got.rows == Rows{row}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
