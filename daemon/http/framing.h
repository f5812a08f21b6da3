// SPDX-License-Identifier: Apache-2.0
// Where a request's body ends, if its head says so beyond doubt (RFC 9112, 6.3): what another
// server could read differently is refused, so that no body is taken for the next request.
#pragma once

#include <boost/beast/http/message.hpp>

#include "core/base/result.h"

namespace countersign::http {

[[nodiscard]] Result<void> admit_framing(const boost::beast::http::request_header<>& head);

}  // namespace countersign::http
