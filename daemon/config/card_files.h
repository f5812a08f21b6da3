// SPDX-License-Identifier: Apache-2.0
// The files that the configuration's [piv] table names.
#pragma once

#include "daemon/config/config.h"

namespace countersign {

// Reads the certificates and revocation lists that [piv] names into the configuration. The error
// names the file.
[[nodiscard]] Result<void> read_card_files(Config& config);

}  // namespace countersign
