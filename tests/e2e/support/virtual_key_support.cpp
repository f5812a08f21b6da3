// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/e2e/support/virtual_key.h"

namespace countersign::test {

VirtualKey::VirtualKey(std::string profile, std::vector<std::string> options)
    : profile_(std::move(profile)), options_(std::move(options)) {}

Ran VirtualKey::run(const std::vector<std::string>& words, const std::string& input,
                    const std::vector<std::string>& more) const {
  std::vector<std::string> all{"/usr/bin/setsid",
                               "--wait",
                               program("countersign-virtual"),
                               "run",
                               "--timeout",
                               "40",
                               "--state",
                               state(),
                               "--profile",
                               profile_};
  all.insert(all.end(), options_.begin(), options_.end());
  all.insert(all.end(), more.begin(), more.end());
  all.emplace_back("--");
  all.insert(all.end(), words.begin(), words.end());
  return test::run(all, input, 50);
}

std::string VirtualKey::hold(const std::vector<std::string>& words,
                             const std::string& input) const {
  const Ran ran = run(words, input);
  BOOST_TEST(ran.exit_code == 0,
             words[0] << " ended with " << ran.exit_code << ": " << ran.out << ran.err);
  return ran.out;
}

std::string succeed(const std::vector<std::string>& words, const std::string& input) {
  const Ran ran = run(words, input, 50);
  BOOST_TEST(ran.exit_code == 0,
             words[0] << " ended with " << ran.exit_code << ": " << ran.out << ran.err);
  return ran.out;
}

std::string lines_of(const std::string& text, std::size_t first, std::size_t count) {
  std::istringstream in(text);
  std::string result;
  std::string line;
  for (std::size_t at = 0; std::getline(in, line); ++at)
    if (at >= first && at - first < count) result += line + "\n";
  return result;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void write_text(const std::string& path, const std::string& text, unsigned mode) {
  std::ofstream(path, std::ios::binary) << text;
  (void)::chmod(path.c_str(), mode);
}

}  // namespace countersign::test
