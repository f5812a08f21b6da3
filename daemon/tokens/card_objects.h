// SPDX-License-Identifier: Apache-2.0
// What a provisioned card says of itself besides its certificates (SP 800-73-4 Part 1 §3.1, table 8
// and 9). Nobody relies on it: neither is signed.
#pragma once

#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace countersign::tokens {

// A fresh UUID, version 4 (RFC 9562 §5.4): 16 octets.
[[nodiscard]] Bytes make_guid(Random& random);
// "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"; empty when these are not 16 octets.
[[nodiscard]] std::string uuid_text(BytesView guid);
// Card Holder Unique Identifier: a FASC-N of no agency (9999), this GUID, the day on which it ends.
[[nodiscard]] Bytes make_chuid(BytesView guid, Time until);
// Card Capability Container: a fresh card identifier, no further capabilities.
[[nodiscard]] Bytes make_capabilities(Random& random);

}  // namespace countersign::tokens
