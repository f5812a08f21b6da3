// SPDX-License-Identifier: Apache-2.0
// What the tests of the virtual key are told in: programs that nobody here wrote, run with a key
// attached.
#pragma once

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "tests/support/daemon_process.h"

namespace countersign::test {

inline const std::string hidraw = "/dev/hidraw0";

// A key with its state in a folder. Each run() is the key plugged in for one program.
class VirtualKey {
 public:
  explicit VirtualKey(std::string profile, std::vector<std::string> options = {});

  // In a session of its own, so that PINs are read from standard input.
  [[nodiscard]] Ran run(const std::vector<std::string>& words, const std::string& input = {},
                        const std::vector<std::string>& more = {}) const;
  // The same, and it must end with 0; its standard output.
  std::string hold(const std::vector<std::string>& words, const std::string& input = {}) const;

  [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::string state() const { return file("key"); }

 private:
  TemporaryFolder folder_;
  std::string profile_;
  std::vector<std::string> options_;
};

// Without a key attached; must end with 0.
std::string succeed(const std::vector<std::string>& words, const std::string& input = {});
[[nodiscard]] std::string lines_of(const std::string& text, std::size_t first,
                                   std::size_t count);  // from line `first`, counted from 0
[[nodiscard]] bool contains(const std::string& text, const std::string& part);
void write_text(const std::string& path, const std::string& text, unsigned mode = 0600);

}  // namespace countersign::test
