// SPDX-License-Identifier: Apache-2.0
// "issuer:account", as URIs of authenticators have it.
#pragma once

#include <string_view>

#include "core/formats/token_record.h"

namespace countersign::formats {

// Splits it into the record; the issuer only if it has none yet. Without an account the user stays
// empty, and the label is the issuer.
void take_account(TokenRecord& record, std::string_view name);

}  // namespace countersign::formats
