// SPDX-License-Identifier: Apache-2.0
// A daemon with many users, each with a phone whose codes this program can make.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/base/secret.h"
#include "tests/support/daemon_process.h"

namespace countersign::bench {

// How many durable transactions there have been: the epoch counts them.
[[nodiscard]] std::int64_t transactions_by(const std::string& epoch_file);

class Population {
 public:
  explicit Population(std::size_t users);

  [[nodiscard]] const std::string& socket() const { return daemon_.socket(); }
  [[nodiscard]] std::size_t size() const { return secrets_.size(); }
  [[nodiscard]] client::Answer call(const std::string& method, const std::string& target) const {
    return daemon_.call(method, target);
  }
  // Lets time pass, so that every code is fresh again.
  void advance();
  // A code of this user for the present step.
  [[nodiscard]] std::string code(std::size_t user) const;
  // One verification of each user in random order, as requests; at most so many.
  [[nodiscard]] std::vector<std::string> verifications(std::size_t most);
  [[nodiscard]] std::int64_t transactions() const {
    return transactions_by(folder_ / "state.epoch");
  }

 private:
  void add_users(std::size_t count);
  void add_tokens();

  test::TemporaryFolder folder_;
  test::DaemonProcess daemon_;
  std::vector<Secret> secrets_;
  std::int64_t step_ = 0;
  std::mt19937_64 random_{1};
};

}  // namespace countersign::bench
