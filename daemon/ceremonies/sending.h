// SPDX-License-Identifier: Apache-2.0
// From "send a code" to the courier and back: what the routes for verifications, enrolments and
// sign-ins share.
#pragma once

#include <functional>

#include "core/base/time.h"
#include "core/engine/enrollment/sent_enrollment.h"
#include "core/engine/verification/sending.h"
#include "core/ports/courier.h"
#include "daemon/api/codes.h"
#include "daemon/couriers/settings.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// What sending needs; outlives the server.
struct Sending {
  Courier& courier;
  engine::SendBook& book;
  couriers::Templates templates;
};

// What whoever asked may know of it: no code, no full recipient.
struct SentTo {
  std::string challenge;  // or the enrolment's id
  std::string user;
  Kind kind = Kind::sms;
  std::string masked;
  Time expires{};
};
[[nodiscard]] api::SentCode sent_code_of(SentTo sent);
using ThenSent = std::move_only_function<void(Result<SentTo>)>;

// Answers on the loop's thread, when the next hop has taken the message or nobody did within 20
// seconds; then the code is dead, and the error says to use something else. Errors of
// begin_sent_code and Courier::send.
void send_code(Services& services, engine::SendCode request, ThenSent then);
void send_enrollment_code(Services& services, engine::EnrollSent request, ThenSent then);

}  // namespace countersign::routes
