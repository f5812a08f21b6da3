// SPDX-License-Identifier: Apache-2.0
// A login session begins and ends: the daemon is told, for grace and for what follows when the
// token is pulled out.
#pragma once

#include "daemon/pam/authentication.h"

namespace countersign::pam {

// let_through: there is nothing to tell, or it was told. Sessions are no place to stop anybody:
// errors are for the log and for whoever made this module required.
[[nodiscard]] Result<Outcome> open_session(const Handle& pam, const Options& options);
[[nodiscard]] Result<Outcome> close_session(const Handle& pam, const Options& options);

}  // namespace countersign::pam
