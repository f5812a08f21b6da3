// SPDX-License-Identifier: Apache-2.0
// Debian's pcscd with the virtual reader driver, for this test alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/support/key_house.h"

namespace countersign::test {

// The first one takes this test's process, and what it starts from then on, into a mount and a
// network namespace of their own: /run/pcscd is private, only the loopback interface is there, and
// the ports of the driver collide with nobody's. Needs root, and a test that has no other thread
// yet. Nothing else of the file system changes.
class OwnPcscd {
 public:
  OwnPcscd();   // returns when it answers
  ~OwnPcscd();  // and the driver with it
  void stop();
  void start();
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

  // The driver's two readers.
  static constexpr const char* first_reader = "Virtual PCD 00 00";
  static constexpr const char* second_reader = "Virtual PCD 00 01";

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Running> process_;
};

// A card (countersign-virtual) in a reader of that pcscd, or on a socket. It is in when the
// constructor returns.
class SoftCard {
 public:
  enum class Place { first_reader, second_reader, socket };
  // folder: where its state is kept, under the name.
  SoftCard(Place place, const std::string& folder, const std::string& name,
           std::vector<std::string> options = {});

  void control(const std::vector<std::string>& words)
      const;                               // "touch", "remove", "insert", "fault remove=3"
  [[nodiscard]] std::string root() const;  // PEM of its attestation's root
  [[nodiscard]] std::string socket() const { return base_ + ".sock"; }

 private:
  std::string base_;
  std::unique_ptr<Running> program_;
};

// Until pcscd says that the reader has a card, or has none. Throws after ten seconds.
void wait_for_card(const std::string& reader, bool there = true);

}  // namespace countersign::test
