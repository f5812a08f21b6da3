// SPDX-License-Identifier: Apache-2.0
// The one owner of SQLite's write-ahead log: copies it into the database, on a thread of its own so
// that no commit waits for the copy, and only at moments when the writer can't start the log over.
//
// SQLite lets the writer start the log over as soon as everything in it has been copied.
// Before 3.51.3, a checkpoint that begins at that moment can mark frames of the new log as copied
// that never were, and they are lost ("WAL-reset bug", sqlite.org/wal.html). So a pass begins only
// if a transaction that began after the last pass is in the log: its frames are not copied yet,
// which keeps the log as it is until this pass has copied them. Where the writer waits for a pass,
// it can't start anything over either.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "daemon/store/sql.h"

namespace countersign {

class Checkpointer {
 public:
  // In frames of one page. Under constant load the log never gets a moment in which all of it is
  // copied; beyond `longest` the writer waits once for the small rest, so that the log starts over.
  // Where commits come faster than the disk takes the copies, it waits at twice `longest` for all
  // of it.
  static constexpr int step = 2000;
  static constexpr int longest = 6000;

  // connection: nobody else's, and the only one that checkpoints. also: done after each pass (the
  // epoch's fsync), on this object's thread.
  Checkpointer(sql::Connection connection, std::function<void()> also);
  ~Checkpointer();

  // How many passes have ended. The writer thread asks before it begins a transaction.
  [[nodiscard]] std::uint64_t passes();
  // By the writer thread, after a transaction. seen: passes() from before it began. frames: how
  // long the log is now; 0 if the transaction added nothing to it. May wait for a pass (see
  // `longest`).
  void transaction_ended(std::uint64_t seen, int frames);

 private:
  using Lock = std::unique_lock<std::mutex>;

  [[nodiscard]] bool may_begin() const { return forced_ || (wanted_ && growing_); }
  void wait_for_pass(Lock& lock);
  void run();
  void pass(Lock& lock);

  sql::Connection connection_;
  std::function<void()> also_;
  std::mutex mutex_;
  std::condition_variable begin_;
  std::condition_variable ended_;
  std::uint64_t passes_ = 0;
  int frames_ = 0;
  int next_ = step;       // when to ask for a pass
  bool growing_ = false;  // the log holds a transaction that began after the last pass ended
  bool wanted_ = false;
  bool forced_ = false;  // the writer waits
  bool rest_ = false;    // the last pass left something in a log that is too long
  bool running_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace countersign
