// SPDX-License-Identifier: Apache-2.0
// A root file system of its own to install packages into: this machine's, under an overlay in
// memory. What is done in it is gone with it, and can be listed. No network and no mirror is
// needed; the libraries that the packages depend on are this machine's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/support/key_house.h"

namespace countersign::test {

// As root. Has mounts and process ids of its own: what is started in it ends with it.
class BareRoot {
 public:
  // Its first process: one that sleeps, or systemd, with none of this machine's own services.
  enum class First { idle, systemd };
  // hidden: folders of this machine that are empty in there. Throws when the kernel does not let
  // us.
  BareRoot(First first, const std::vector<std::string>& hidden);
  ~BareRoot();
  BareRoot(const BareRoot&) = delete;
  BareRoot& operator=(const BareRoot&) = delete;

  // Runs a program in it, as its root.
  [[nodiscard]] Ran run(std::vector<std::string> words, const std::string& input = {},
                        int seconds = 120) const;
  // The same by sh; throws with what it said unless it ends with 0.
  std::string sh(const std::string& script) const;
  // One that goes on running; what it prints goes to a file of this machine.
  [[nodiscard]] std::unique_ptr<Running> start(std::vector<std::string> words,
                                               const std::string& log) const;

  // Copies a file or folder of this machine into it.
  void put(const std::string& from, const std::string& to) const;
  // Files that are not as this machine has them: made, changed or taken away; and new folders.
  [[nodiscard]] std::vector<std::string> changes() const;

 private:
  [[nodiscard]] std::vector<std::string> inside(bool in_root) const;
  TemporaryFolder folder_;
  std::unique_ptr<Running> holder_;
  std::string pid_;
};

}  // namespace countersign::test
