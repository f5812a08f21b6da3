// SPDX-License-Identifier: Apache-2.0
// The state in one file, mode 0600.
#pragma once

#include <string>

#include "core/base/result.h"
#include "devices/virtual/key/state.h"
#include "devices/virtual/shared/locked_file.h"

namespace countersign::virtual_key {

// One program at a time has it. Without a path the state lives in memory alone.
class StateFile {
 public:
  // unavailable: another program has it.
  [[nodiscard]] static Result<StateFile> open(std::string path);

  // A new state when there is no file yet.
  [[nodiscard]] Result<State> load() const;
  // As virtual_token::LockedFile writes.
  [[nodiscard]] Result<void> save(const State& state) const;

 private:
  explicit StateFile(virtual_token::LockedFile file) : file_(std::move(file)) {}

  virtual_token::LockedFile file_;
};

// The state as it is, with no lock and nothing written. not_found: no such file.
[[nodiscard]] Result<State> read_state(const std::string& path);

}  // namespace countersign::virtual_key
