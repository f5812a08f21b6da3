// SPDX-License-Identifier: Apache-2.0
// The key that a host proves itself with: ES256, in a file that its owner alone may read. A copy of
// the file is caught by the fingerprint (core/machine_match.h) as far as software can catch it.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/crypto/es256_key.h"

namespace countersign {

// PKCS #8 in DER, mode 0600; made when there is none. Errors as in safe_file.h; corrupt: the file
// holds something else.
[[nodiscard]] Result<crypto::Es256Key> load_or_make_machine_key(const std::string& path);

}  // namespace countersign
