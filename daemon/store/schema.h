// SPDX-License-Identifier: Apache-2.0
// The tables and how older files come to have them.
#pragma once

#include "daemon/store/sql.h"

namespace countersign {

// Brings the file to this program's version, each step in a transaction of its own; a file of a
// newer program is refused (Code::invalid), never changed. An empty file gets everything.
[[nodiscard]] Result<void> migrate(sql::Connection& connection);
[[nodiscard]] int newest_schema();

}  // namespace countersign
