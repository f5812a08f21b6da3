// SPDX-License-Identifier: Apache-2.0
// 70-countersign.rules against the table, and against the grammar of udev(7). (`udevadm verify`
// comes with systemd 254.)
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "devices/usb/known_tokens.h"

using namespace countersign::devices::usb;

namespace {

std::vector<std::string> rules() {
  std::ifstream file(COUNTERSIGN_UDEV_RULES);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && !line.starts_with('#')) lines.push_back(line);
  BOOST_REQUIRE(!lines.empty());
  return lines;
}

std::string hex(std::uint16_t number) {
  char text[5];
  std::snprintf(text, sizeof text, "%04x", number);
  return text;
}

std::size_t lines_for(const std::vector<std::string>& lines, std::string_view subsystem,
                      const KnownToken& token) {
  return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const std::string& line) {
    return line.contains("SUBSYSTEM==\"" + std::string(subsystem) + "\"") &&
           line.contains("{idVendor}==\"" + hex(token.vendor) + "\"") &&
           line.contains("{idProduct}==\"" + hex(token.product) + "\"");
  }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(udev_rules)

BOOST_AUTO_TEST_CASE(each_token_of_the_table_has_its_rules_and_nothing_else_has) {
  const auto lines = rules();
  std::size_t expected = 3;  // the way out, the usage page, the label
  for (const KnownToken& token : known_tokens()) {
    const std::size_t hidraw = (token.interfaces & (fido | otp)) != 0 ? 1 : 0;
    const std::size_t usb = (token.interfaces & otp) != 0 ? 1 : 0;
    BOOST_TEST(lines_for(lines, "hidraw", token) == hidraw,
               token.model << " " << hex(token.vendor) << ":" << hex(token.product));
    BOOST_TEST(lines_for(lines, "usb", token) == usb,
               token.model << " " << hex(token.vendor) << ":" << hex(token.product));
    expected += hidraw + usb;
  }
  BOOST_TEST(lines.size() == expected);
}

BOOST_AUTO_TEST_CASE(each_line_is_a_rule_of_udev) {
  const std::regex pair(
      R"re((ACTION|SUBSYSTEM|ENV\{[A-Z_]+\}|ATTRS?\{[A-Za-z]+\}|GROUP|MODE|TAG|GOTO|LABEL)(==|=|\+=)"([^"]*)")re");
  const std::regex line_of_pairs(
      R"re(([A-Z]+(\{[A-Za-z_]+\})?(==|=|\+=)"[^"]*")(, [A-Z]+(\{[A-Za-z_]+\})?(==|=|\+=)"[^"]*")*)re");
  std::set<std::string> targets;
  std::set<std::string> labels;
  for (const std::string& line : rules()) {
    BOOST_TEST(std::regex_match(line, line_of_pairs), line);
    for (auto found = std::sregex_iterator(line.begin(), line.end(), pair);
         found != std::sregex_iterator(); ++found) {
      const std::string key = (*found)[1];
      const std::string value = (*found)[3];
      const bool matches = key == "ACTION" || key == "SUBSYSTEM" ||
                           (key.starts_with("ENV") && key != "ENV{ID_SECURITY_TOKEN}") ||
                           key.starts_with("ATTR");
      BOOST_TEST(((*found)[2] == "==") == matches, line);
      if (key == "GOTO") targets.insert(value);
      if (key == "LABEL") labels.insert(value);
      if (key == "MODE") BOOST_TEST(value == "0660");  // nobody else
    }
    const auto pairs =
        std::distance(std::sregex_iterator(line.begin(), line.end(), pair), std::sregex_iterator());
    BOOST_TEST(pairs == 1 + std::ranges::count(line, ','), line);  // no key that is unknown
  }
  BOOST_TEST((targets == labels));
}

BOOST_AUTO_TEST_SUITE_END()
