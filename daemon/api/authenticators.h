// SPDX-License-Identifier: Apache-2.0
// /v1/enrollments and /v1/authenticators: what a user has, and how it came about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/authenticator.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/factors/typed_code.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct EnrollRequest {
  std::string user;
  Kind kind = Kind::totp;
  std::optional<std::string> label, serial, to;
  std::optional<Secret> secret, code;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period, codes;
  std::optional<bool> confirm;
  static Fields fields() {
    return {
        Field{"user", &EnrollRequest::user, "Name of the user"},
        Field{"kind", &EnrollRequest::kind,
              "totp, hotp, backup-codes, sms, email; yubico-otp of a key in stock"},
        Field{"label", &EnrollRequest::label, "A name for this authenticator"},
        Field{"serial", &EnrollRequest::serial,
              "Serial of an imported token in stock: bind that one"},
        Field{"to", &EnrollRequest::to,
              "sms, email: the number or address that a code is sent to, and that goes on file "
              "once it is confirmed; absent: the one on file",
              256},
        Field{"secret", &EnrollRequest::secret, "Base32; made at random when absent", 256},
        Field{"code", &EnrollRequest::code,
              "A code of an authenticator that the user has: asked of users who enrol themselves",
              longest_typed_code},
        Field{"algorithm", &EnrollRequest::algorithm,
              "SHA1 (default, what most apps can), SHA256, SHA512"},
        Field{"digits", &EnrollRequest::digits, "6 (default), 7 or 8"},
        Field{"period", &EnrollRequest::period, "Seconds, 30 by default"},
        Field{"codes", &EnrollRequest::codes, "How many backup codes, 10 by default"},
        Field{"confirm", &EnrollRequest::confirm,
              "false: bind without a first code (administrators)"}};
  }
};

struct EnrollResult {
  std::string id, user;
  Kind kind = Kind::totp;
  std::string status;
  std::optional<Secret> otpauth, secret;
  std::optional<std::vector<Secret>> codes;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period;
  std::optional<Time> expires;
  std::optional<std::string> to;
  static Fields fields() {
    return {
        Field{"id", &EnrollResult::id, "Id of the authenticator"},
        Field{"user", &EnrollResult::user, "Name of the user"},
        Field{"kind", &EnrollResult::kind, "Its kind"},
        Field{"status", &EnrollResult::status, "pending: confirm with the first code; or active"},
        Field{"otpauth", &EnrollResult::otpauth, "URI for the phone's app, shown this once"},
        Field{"secret", &EnrollResult::secret, "Base32, shown this once"},
        Field{"codes", &EnrollResult::codes, "Backup codes, shown this once"},
        Field{"algorithm", &EnrollResult::algorithm, "Hash"},
        Field{"digits", &EnrollResult::digits, "Length of its codes"},
        Field{"period", &EnrollResult::period, "Seconds; TOTP"},
        Field{"expires", &EnrollResult::expires, "Until when a pending one can be confirmed"},
        Field{"to", &EnrollResult::to, "sms, email: where the code went, masked"}};
  }
};

struct ConfirmRequest {
  std::string id;
  Secret code;
  std::optional<Secret> next;
  static Fields fields() {
    return {Field{"id", &ConfirmRequest::id, "Id that the enrolment gave", 64},
            Field{"code", &ConfirmRequest::code, "The first code", longest_typed_code},
            Field{"next", &ConfirmRequest::next,
                  "totp, hotp: the code right after it; both are then looked for far and wide, for "
                  "a token that lay in stock",
                  longest_typed_code}};
  }
};

struct AuthenticatorId {
  std::string id;
  static Fields fields() {
    return {Field{"id", &AuthenticatorId::id, "Id of the authenticator", 64}};
  }
};

struct AuthenticatorView {
  std::string id, user;
  Kind kind = Kind::totp;
  Status status = Status::active;
  std::string label, serial;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period, codes_left;
  Time created{};
  std::optional<Time> last_used, ended, not_after;
  std::string basis;
  static Fields fields() {
    return {Field{"id", &AuthenticatorView::id, "Id"},
            Field{"user", &AuthenticatorView::user, "Name of the user; empty in stock"},
            Field{"kind", &AuthenticatorView::kind, "Kind"},
            Field{"status", &AuthenticatorView::status, "unassigned, active, suspended, revoked"},
            Field{"label", &AuthenticatorView::label, "Name that the user has chosen"},
            Field{"serial", &AuthenticatorView::serial, "Serial of the token"},
            Field{"algorithm", &AuthenticatorView::algorithm, "Hash (OATH)"},
            Field{"digits", &AuthenticatorView::digits, "Length of its codes (OATH)"},
            Field{"period", &AuthenticatorView::period, "Seconds (TOTP)"},
            Field{"codes_left", &AuthenticatorView::codes_left, "Unused backup codes"},
            Field{"created", &AuthenticatorView::created, "When it was bound"},
            Field{"last_used", &AuthenticatorView::last_used, "When it verified last, if ever"},
            Field{"ended", &AuthenticatorView::ended, "When it was revoked"},
            Field{"not_after", &AuthenticatorView::not_after,
                  "The last moment of its certificate (PIV cards)"},
            Field{"basis", &AuthenticatorView::basis,
                  "What its binding rested on: bootstrap, fresh:NAME, verified-sign-in, "
                  "first-factor, ...; empty in stock"}};
  }
};

struct AuthenticatorQuery {
  std::optional<std::string> user, after, serial;
  std::optional<Kind> kind;
  std::optional<Status> status;
  std::optional<int> limit, expiring;
  static Fields fields() {
    return {Field{"user", &AuthenticatorQuery::user, "Only of this user"},
            Field{"after", &AuthenticatorQuery::after, "Ids greater than this"},
            Field{"serial", &AuthenticatorQuery::serial, "Only with this serial"},
            Field{"kind", &AuthenticatorQuery::kind, "Only of this kind"},
            Field{"status", &AuthenticatorQuery::status, "Only in this state"},
            Field{"limit", &AuthenticatorQuery::limit, "At most so many, 1 to 1000"},
            Field{"expiring", &AuthenticatorQuery::expiring,
                  "Only active ones whose certificate ends within so many days, 0 to 3650, or has "
                  "ended"}};
  }
};

struct AuthenticatorPage {
  std::vector<AuthenticatorView> authenticators;
  std::optional<std::string> next;
  static Fields fields() {
    return {Field{"authenticators", &AuthenticatorPage::authenticators, "In order of id"},
            Field{"next", &AuthenticatorPage::next, "Value of 'after' for the next page, if any"}};
  }
};

struct AuthenticatorSet {
  std::string id;
  std::optional<std::string> label;
  std::optional<Status> status;
  std::optional<bool> confirm;
  static Fields fields() {
    return {Field{"id", &AuthenticatorSet::id, "Id", 64},
            Field{"label", &AuthenticatorSet::label, "New label"},
            Field{"status", &AuthenticatorSet::status, "active, suspended, or revoked (final)"},
            Field{"confirm", &AuthenticatorSet::confirm,
                  "true: an administrator vouches for its owner, so that it serves for fresh "
                  "verifications from now on"}};
  }
};

struct ResyncRequest {
  std::string id;
  std::vector<Secret> codes;
  static Fields fields() {
    return {Field{"id", &ResyncRequest::id, "Id of a TOTP or HOTP token", 64},
            Field{"codes", &ResyncRequest::codes, "Two consecutive codes", 2}};
  }
};

}  // namespace countersign::api
