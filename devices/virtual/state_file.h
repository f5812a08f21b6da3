// SPDX-License-Identifier: Apache-2.0
// The state in one file, mode 0600.
#pragma once

#include <string>

#include "core/result.h"
#include "devices/virtual/state.h"

namespace countersign::virtual_key {

// One program at a time has it: FILE.lock is locked while this lives. Without a path the state lives in memory alone.
class StateFile {
 public:
  // unavailable: another program has it.
  [[nodiscard]] static Result<StateFile> open(std::string path);
  StateFile(StateFile&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
  StateFile& operator=(StateFile&&) = delete;
  ~StateFile();

  // A new state when there is no file yet.
  [[nodiscard]] Result<State> load() const;
  // In place of what was there: others see the old content or the new, also after kill -9. Not synced to the disk: a power
  // cut may bring the last seconds back.
  [[nodiscard]] Result<void> save(const State& state) const;

 private:
  StateFile(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

// The state as it is, with no lock and nothing written. not_found: no such file.
[[nodiscard]] Result<State> read_state(const std::string& path);

}  // namespace countersign::virtual_key
