// SPDX-License-Identifier: Apache-2.0
// Where the reader is: the system's, joined by its socket, or a private one that this daemon
// starts.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/base/result.h"
#include "daemon/base/safe_file.h"

namespace countersign::tokens {

// Loop thread only (a private reader dies with the thread that started it).
class Reader {
 public:
  struct Where {
    std::string socket;          // of the system's reader; empty: start a private one
    std::string program;         // of the private one
    std::string virtual_folder;  // where software tokens are; demo stores only (T50)
  };
  explicit Reader(Where where) : where_(std::move(where)) {}
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // A new child of the reader, as a connected socket. Starts the private reader when it is not
  // there (any more).
  [[nodiscard]] Result<Descriptor> connect();

 private:
  [[nodiscard]] Result<void> start();
  [[nodiscard]] bool running();

  Where where_;
  pid_t pid_ = -1;
  Descriptor listening_;  // the private reader's: kept, so that a new one takes it over
};

}  // namespace countersign::tokens
