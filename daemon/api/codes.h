// SPDX-License-Identifier: Apache-2.0
// Wire types of codes that are sent.
#pragma once

#include <optional>
#include <string>

#include "core/authenticator.h"
#include "core/base/time.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct SendCodeRequest {
  std::string user;
  Kind kind = Kind::sms;
  std::optional<std::string> service;
  static Fields fields() {
    return {Field{"user", &SendCodeRequest::user, "Name of the user", 128},
            Field{"kind", &SendCodeRequest::kind, "sms or email"},
            Field{"service", &SendCodeRequest::service,
                  "What the user wants to get into, e.g. sudo; stands in the message", 64}};
  }
};

struct SentCode {
  std::string event = "sent";
  std::string challenge, user;
  Kind kind = Kind::sms;
  std::string to;
  Time expires{};
  static Fields fields() {
    return {Field{"event", &SentCode::event, "Always sent"},
            Field{"challenge", &SentCode::challenge,
                  "What the typed code is to come with, in /v1/verifications"},
            Field{"user", &SentCode::user, "Name of the user"},
            Field{"kind", &SentCode::kind, "sms or email"},
            Field{"to", &SentCode::to, "Where it went, masked"},
            Field{"expires", &SentCode::expires, "When the code expires"}};
  }
};

}  // namespace countersign::api
