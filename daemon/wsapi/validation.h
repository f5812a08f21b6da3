// SPDX-License-Identifier: Apache-2.0
// Yubico's validation protocol 2.0, as a server: software that asks YubiCloud is pointed here.
#pragma once

#include <functional>
#include <string>

#include "core/engine/context.h"
#include "core/formats/wsapi.h"
#include "daemon/http/route.h"

namespace countersign::wsapi {

// Answers one query. Whatever it says, it is HTTP 200 and signed where the client is known. Each
// OTP is OK once; the same OTP with the same nonce is REPLAYED_REQUEST, with another one
// REPLAYED_OTP.
void validate(engine::Context& context, formats::wsapi::Parameters query,
              std::move_only_function<void(std::string)> then);

// The one row that the listener serves: GET /wsapi/2.0/verify, for whoever can connect.
[[nodiscard]] std::vector<http::Route> routes(engine::Context& context);

}  // namespace countersign::wsapi
