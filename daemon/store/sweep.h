// SPDX-License-Identifier: Apache-2.0
// Removes the rows of imports that were dropped, or left open by a daemon that ended. They were
// never bound to anybody's sight: the one deletion there is.
#pragma once

#include <memory>

#include "daemon/store/sql.h"

namespace countersign {

// For the writer thread alone, between its transactions.
class Sweep {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Sweep>> make(sql::Connection& connection);

  // Before the first change: imports still open are of an earlier run, so nobody will complete
  // them. They are dropped.
  [[nodiscard]] static Result<void> drop_open_imports(sql::Connection& connection);
  // A bounded number of rows in a transaction of its own. False: nothing is left to do.
  [[nodiscard]] Result<bool> step();

 private:
  explicit Sweep(sql::Connection& connection) : connection_(connection) {}
  [[nodiscard]] Result<bool> step_within();

  sql::Connection& connection_;
  std::int64_t import_ = 0;  // the one at work
  std::int64_t after_ = 0;   // its rows up to this id are gone
  sql::Statement begin_, commit_, rollback_, next_import_, window_end_, delete_, done_;
};

}  // namespace countersign
