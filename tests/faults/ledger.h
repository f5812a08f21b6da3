// SPDX-License-Identifier: Apache-2.0
// What the daemon has acknowledged so far, kept outside of it: the oracle of core/DESIGN.md,
// section 12.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace countersign::test {

struct Enrolment {
  std::string id, user;
  std::string secret;              // base32; empty for backup codes
  std::vector<std::string> codes;  // backup codes
  bool revoking = false;           // asked for; nobody may rely on it any more
  bool revoked = false;            // acknowledged
  std::int64_t next_step = 0;      // TOTP steps from here on have not been tried
};

// A code that was accepted: this authenticator's, of this step or with this text.
struct Accepted {
  std::string id, user, code;
  std::int64_t step = 0;  // 0: a backup code
};

// Any thread.
class Ledger {
 public:
  void enrolled(Enrolment enrolment) {
    const std::lock_guard lock(mutex_);
    since_start_.push_back(enrolments_.size());
    enrolments_.push_back(std::move(enrolment));
  }

  // An acknowledged `verified`. Throws when this code had one before.
  void accepted(Accepted one) {
    const std::lock_guard lock(mutex_);
    if (!ever_.insert(one.id + "/" + one.code + "/" + std::to_string(one.step)).second)
      throw std::runtime_error("code " + one.code + " of " + one.user + " was accepted twice");
    accepted_.push_back(std::move(one));
  }

  // Runs on a random enrolment, recent ones more likely; false when there is none yet.
  bool with_one(std::mt19937_64& random, auto&& use) {
    const std::lock_guard lock(mutex_);
    if (enrolments_.empty()) return false;
    const std::size_t span =
        random() % 8 == 0 ? enrolments_.size() : std::min<std::size_t>(enrolments_.size(), 200);
    use(enrolments_[enrolments_.size() - 1 - random() % span]);
    return true;
  }
  void with(const std::string& id, auto&& use) {
    const std::lock_guard lock(mutex_);
    for (auto one = enrolments_.rbegin(); one != enrolments_.rend(); ++one)
      if (one->id == id) return use(*one);
  }

  // Since the last call: what the killed daemon had acknowledged.
  std::vector<Accepted> take_accepted() {
    const std::lock_guard lock(mutex_);
    total_accepted_ += accepted_.size();
    return std::exchange(accepted_, {});
  }
  std::vector<Enrolment> take_enrolled() {
    const std::lock_guard lock(mutex_);
    std::vector<Enrolment> taken;
    for (const std::size_t i : std::exchange(since_start_, {})) taken.push_back(enrolments_[i]);
    return taken;
  }
  [[nodiscard]] const std::vector<Enrolment>& all() const {
    return enrolments_;
  }  // while nobody else is at it
  [[nodiscard]] std::size_t total_accepted() const { return total_accepted_; }

 private:
  std::mutex mutex_;
  std::vector<Enrolment> enrolments_;
  std::vector<std::size_t> since_start_;
  std::set<std::string> ever_;
  std::vector<Accepted> accepted_;
  std::size_t total_accepted_ = 0;
};

}  // namespace countersign::test
