// SPDX-License-Identifier: Apache-2.0
// The limit of what is durable: SQLite alone, WAL and FULL, with the same rows in plain tables,
// everything that is stored made beforehand and no question asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/audit.h"
#include "core/authenticator.h"
#include "core/user.h"

namespace countersign::bench {

// Rows as the store has them.
[[nodiscard]] User person(std::int64_t i);
[[nodiscard]] Authenticator enrolment(std::int64_t i);
[[nodiscard]] audit::Event verified_event(std::int64_t i);
[[nodiscard]] std::string name_of(std::int64_t i);

class Plain {
 public:
  explicit Plain(const std::string& path);
  ~Plain();
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  void fill(std::int64_t users, std::int64_t enrolments);
  // Verifications a second: each updates a random enrolment and appends an audit row; each batch
  // replaces the head.
  [[nodiscard]] double verifications(std::size_t batch, std::size_t total);
  // Enrolments a second, in batches.
  [[nodiscard]] double inserts(std::size_t batch, std::size_t total);
  // Seconds for a walk over every enrolment.
  [[nodiscard]] double scan();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace countersign::bench
