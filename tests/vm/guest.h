// SPDX-License-Identifier: Apache-2.0
// A machine of its own under qemu: Debian's kernel, systemd, udevd and logind on this machine's
// files, under an overlay in memory. Here devices are the kernel's, services are started by the
// packages, and people log in at the console.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/packages/built_packages.h"

namespace countersign::test {

// As root. Needs no KVM and no network. Ends with the object, or with the test.
class Guest {
 public:
  // Booted. These files are in its /run/share. Throws with what its console says.
  explicit Guest(const std::vector<std::string>& files);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // A line of bash as its root; out has standard error, too. Throws when the guest does not answer
  // within that time.
  [[nodiscard]] Ran run(const std::string& script, int seconds = 240);
  // The same; throws with what it said unless it ends with 0.
  std::string sh(const std::string& script);

  // At the keyboard and the screen of its first virtual terminal. \n: Enter.
  void type(const std::string& text);
  // Waits until one of these is on the screen; the screen. Throws with the screen when none comes.
  std::string shows(const std::vector<std::string>& texts);
  void clear();

 private:
  [[nodiscard]] std::string take(std::size_t size, int seconds);
  TemporaryFolder folder_;
  std::unique_ptr<Running> qemu_;
  int agent_ = -1;
  std::string pending_;
};

}  // namespace countersign::test
