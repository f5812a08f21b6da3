// SPDX-License-Identifier: Apache-2.0
// The system's file layer for SQLite, with a disk that fails when it is told to.
#pragma once

#include <functional>

namespace countersign::store_test {

struct Fault {
  enum class What {
    error,  // nothing is written
    torn,   // the first half is
    full,   // no room
  };
  int at = 0;            // the which write, sync or truncation from now on; 0: none
  bool lasting = false;  // and all after it, as when the device is gone
  What what = What::error;
};

// Registers the layer once; its name for SqliteStore::Options::vfs.
[[nodiscard]] const char* fault_vfs();
// Counting starts again. Any thread.
void set_fault(const Fault& fault);
// Writes, syncs and truncations since set_fault.
[[nodiscard]] int operations();

// What else happens while a connection checkpoints, on its thread.
struct DuringCheckpoint {
  std::function<void()> begun;        // it has the lock, and has read nothing of the log yet
  std::function<void()> header_read;  // it knows how long the log is; nothing is copied yet
};
// {}: nothing. Not while a checkpoint runs.
void set_during_checkpoint(DuringCheckpoint during);

}  // namespace countersign::store_test
