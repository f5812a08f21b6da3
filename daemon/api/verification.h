// SPDX-License-Identifier: Apache-2.0
// POST /v1/verifications: a typed code, and the verdict on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/authenticator.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/factors/typed_code.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct VerifyRequest {
  std::optional<std::string> user;
  Secret code;
  std::optional<std::string> service, challenge;
  static Fields fields() {
    return {
        Field{"user", &VerifyRequest::user,
              "Name of the user, or login:NAME, the user with that account on this host; need not "
              "exist. Left out: what a YubiKey typed says who it is (for verifiers)"},
        Field{"code", &VerifyRequest::code, "The code as typed", longest_typed_code},
        Field{"service", &VerifyRequest::service, "What the user wants to get into, e.g. sudo", 64},
        Field{"challenge", &VerifyRequest::challenge,
              "Of a code that was sent (/v1/codes): only that code is tried then", 64}};
  }
};

struct VerifyResult {
  std::string verdict = "denied";
  std::string reason;
  std::string user;
  std::string authenticator;
  std::optional<Kind> kind;
  std::vector<std::string> amr;
  int aal = 0;
  std::optional<Time> retry_at;
  std::optional<std::int64_t> retries;
  std::optional<std::string> advice;
  static Fields fields() {
    return {
        Field{"verdict", &VerifyResult::verdict, "verified or denied"},
        Field{"reason", &VerifyResult::reason,
              "Why it was denied; empty when verified; 'denied' to callers who are no verifiers"},
        Field{"user", &VerifyResult::user, "The name that was asked about"},
        Field{"authenticator", &VerifyResult::authenticator,
              "Id of the authenticator that verified; else empty"},
        Field{"kind", &VerifyResult::kind, "Its kind"},
        Field{"amr", &VerifyResult::amr, "Authentication method references (RFC 8176)"},
        Field{"aal", &VerifyResult::aal,
              "Assurance level of this factor alone (SP 800-63B-4); 0 when denied"},
        Field{"retry_at", &VerifyResult::retry_at,
              "Under throttle: when the next try is let through"},
        Field{"retries", &VerifyResult::retries,
              "Of a token's PIN: how many wrong ones it still takes"},
        Field{"advice", &VerifyResult::advice,
              "What the person can do about the reason, where trying again is no use"}};
  }
};

}  // namespace countersign::api
