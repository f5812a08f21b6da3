// SPDX-License-Identifier: Apache-2.0
// The verbs of "export" and the options that they share.
#pragma once

#include "cli/front.h"
#include "cli/pages.h"

namespace countersign::cli {

// The part of the authenticators that is not secret, as CSV on standard output (RFC 4180, formulas
// neutralised, T34).
void export_authenticators(Front& front, const Query& query);

}  // namespace countersign::cli
