// SPDX-License-Identifier: Apache-2.0
// A person with a token in front of a stream: what the routes for taps, enrolment and devices
// share.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/engine/verification/security_key.h"
#include "daemon/http/route.h"
#include "daemon/http/stream.h"
#include "daemon/services/services.h"
#include "daemon/tokens/desk.h"

namespace countersign::routes {

// One request's person. Loop thread; kept alive by what it waits for.
struct Tap {
  Services& services;
  std::shared_ptr<http::Stream> stream;
  Caller caller;
  std::shared_ptr<const http::Process> process;  // the caller's
  std::string user;                              // for the prompts; empty: whoever it is
  std::chrono::milliseconds budget{60'000};
};

// user: for the prompts; seconds: what the request says of how long to wait.
[[nodiscard]] std::shared_ptr<Tap> tap_for(Services& services, const http::Call& call,
                                           std::string user, const std::optional<int>& seconds,
                                           std::shared_ptr<http::Stream> stream);

// Whether the caller's sign-in is at this machine's seat. claimed: what root's PAM says of it.
[[nodiscard]] bool caller_is_here(const Services& services, const http::Call& call,
                                  std::optional<bool> claimed = std::nullopt);

// Takes a turn at the tokens, tells the stream what the person is to do, and gives up when the
// caller goes.
void use_tokens(const std::shared_ptr<Tap>& tap, tokens::Plan plan, tokens::Finish finish);

// A whole verification: challenge, token, verdict. named: the user that it must be; none: whoever
// it is.
struct TapVerified {
  Verdict verdict;
  std::optional<std::int64_t> retries;  // of a PIN, where that is what failed
};
void verify_by_tap(const std::shared_ptr<Tap>& tap, std::optional<std::string> named,
                   webauthn::UserVerification uv, std::move_only_function<void(TapVerified)> then);

[[nodiscard]] Error error_of(const tokens::Failed& failed);

}  // namespace countersign::routes
