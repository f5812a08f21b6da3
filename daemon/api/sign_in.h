// SPDX-License-Identifier: Apache-2.0
// Wire types of sign-ins, machines and receipts.
#pragma once

#include "core/base/time.h"
#include "core/policy/decide.h"
#include "core/policy/recognition.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

// --- sign-ins ---

struct SignInRequest {
  std::string user, service;
  Primary primary = Primary::none;
  std::optional<std::string> audience, nonce, session;
  std::optional<Secret> cookie;
  std::optional<bool> here;
  static Fields fields() {
    return {
        Field{"user", &SignInRequest::user,
              "Name of the user, or login:NAME, the user with that account on this host; need not "
              "exist",
              longest_user},
        Field{"service", &SignInRequest::service,
              "What the user wants to get into: a service this caller is configured for", 64},
        Field{"primary", &SignInRequest::primary,
              "What the caller has checked before: none, password or sso, as configured for it"},
        Field{"audience", &SignInRequest::audience,
              "For whom the receipt is; the service when absent", 256},
        Field{"nonce", &SignInRequest::nonce, "Comes back in the receipt", 256},
        Field{"session", &SignInRequest::session,
              "Login session at this machine, for grace; root's to say, else the session manager "
              "is asked",
              64},
        Field{"cookie", &SignInRequest::cookie,
              "The browser's machine value, as POST /v1/sign-ins/ID/machine takes it; empty: it "
              "has none",
              256},
        Field{"here", &SignInRequest::here,
              "At this machine's own seat; root's to say, else the session manager is asked"}};
  }
};

struct MachineOfSignIn {
  std::optional<std::string> id;
  MachineKind kind = MachineKind::browser;
  MachineState state = MachineState::none;
  std::optional<std::string> fingerprint;
  std::optional<Secret> cookie;
  bool recognized_now = false;
  static Fields fields() {
    return {Field{"id", &MachineOfSignIn::id, "Its id, where it is known"},
            Field{"kind", &MachineOfSignIn::kind, "browser or host"},
            Field{"state", &MachineOfSignIn::state, "What it is to this user now"},
            Field{"fingerprint", &MachineOfSignIn::fingerprint,
                  "Of a host: what became of its fingerprint"},
            Field{"cookie", &MachineOfSignIn::cookie,
                  "Of a browser: the value to keep in its __Host- cookie from now on; the one "
                  "before ends when this one is used"},
            Field{"recognized_now", &MachineOfSignIn::recognized_now,
                  "This sign-in made it recognized"}};
  }
};

struct SignInResult {
  Decision decision = Decision::deny;
  Because because = Because::nothing;
  std::string id, user, service;
  Primary primary = Primary::none;
  std::vector<Kind> factors;
  std::optional<std::vector<Kind>> enrollable = {};
  bool skippable = false;
  std::string advice;
  std::optional<std::string> reason;
  std::optional<Time> retry_at;
  std::optional<MachineOfSignIn> machine;
  std::optional<std::string> challenge;
  Time expires{};
  std::optional<std::string> receipt;
  std::vector<std::string> amr;
  int aal = 0;
  static Fields fields() {
    return {
        Field{"decision", &SignInResult::decision, "allow, verify, enroll or deny"},
        Field{"because", &SignInResult::because, "Which rule decided"},
        Field{"id", &SignInResult::id, "Of the sign-in, for its further steps"},
        Field{"user", &SignInResult::user, "Name of the user"},
        Field{"service", &SignInResult::service, "What the user wants to get into"},
        Field{"primary", &SignInResult::primary, "What was checked before"},
        Field{"factors", &SignInResult::factors, "verify: what can answer, strongest first"},
        Field{"enrollable", &SignInResult::enrollable,
              "What can be bound in this sign-in: where it says enroll, or once the user has "
              "verified in it"},
        Field{"skippable", &SignInResult::skippable, "enroll: whether it can be skipped for now"},
        Field{"advice", &SignInResult::advice, "What to do, in words"},
        Field{"reason", &SignInResult::reason, "Why the last verification was denied"},
        Field{"retry_at", &SignInResult::retry_at, "Under throttle: when codes are accepted again"},
        Field{"machine", &SignInResult::machine, "The machine, once it was proved"},
        Field{"challenge", &SignInResult::challenge,
              "What a host signs to prove which machine it is; base64url"},
        Field{"expires", &SignInResult::expires, "When the sign-in ends undecided"},
        Field{"receipt", &SignInResult::receipt, "allow: the JWT that says so, for 5 minutes",
              8192},
        Field{"amr", &SignInResult::amr, "allow: authentication method references (RFC 8176)"},
        Field{"aal", &SignInResult::aal, "allow: assurance level of the sign-in (SP 800-63B-4)"}};
  }
};

struct SignInId {
  std::string id;
  static Fields fields() { return {Field{"id", &SignInId::id, "Id of the sign-in", 64}}; }
};

struct MachineProofRequest {
  std::string id;
  std::optional<Secret> cookie;
  std::optional<std::string> key, fingerprint, signature;
  static Fields fields() {
    return {
        Field{"id", &MachineProofRequest::id, "Id of the sign-in", 64},
        Field{"cookie", &MachineProofRequest::cookie,
              "A browser: the value of its cookie; empty when it has none", 256},
        Field{"key", &MachineProofRequest::key,
              "A host: its public key (SubjectPublicKeyInfo), base64url", 256},
        Field{"fingerprint", &MachineProofRequest::fingerprint,
              "A host: its fingerprint's digests, base64url", 4096},
        Field{"signature", &MachineProofRequest::signature,
              "A host: ES256 over challenge, id, service and fingerprint (DER), base64url", 256}};
  }
};

struct SignInVerify {
  std::string id;
  Secret code;
  std::optional<bool> remember;
  std::optional<std::string> challenge;
  static Fields fields() {
    return {Field{"id", &SignInVerify::id, "Id of the sign-in", 64},
            Field{"code", &SignInVerify::code, "The code as typed", 64},
            Field{"remember", &SignInVerify::remember,
                  "false: the machine does not become recognized (not on this computer)"},
            Field{"challenge", &SignInVerify::challenge,
                  "Of a code that was sent for this sign-in: what sending it answered", 64}};
  }
};

// What this request can bind; browsers bind keys by registrations.
enum class SignInKind { totp, hotp, sms, email };

}  // namespace countersign::api

namespace countersign {
template <>
inline constexpr auto enum_names<api::SignInKind> =
    std::to_array<EnumName<api::SignInKind>>({{api::SignInKind::totp, "totp"},
                                              {api::SignInKind::hotp, "hotp"},
                                              {api::SignInKind::sms, "sms"},
                                              {api::SignInKind::email, "email"}});
}  // namespace countersign

namespace countersign::api {

[[nodiscard]] inline Kind kind_of(SignInKind kind) {
  return from_name<Kind>(to_name(kind)).value_or(Kind::totp);
}

struct SignInEnroll {
  std::string id;
  SignInKind kind = SignInKind::totp;
  std::optional<std::string> to;
  std::optional<std::string> label;
  std::optional<bool> qr;
  static Fields fields() {
    return {Field{"id", &SignInEnroll::id, "Id of the sign-in", 64},
            Field{"kind", &SignInEnroll::kind,
                  "What to bind; the sign-in's 'enrollable' says what its policy admits"},
            Field{"to", &SignInEnroll::to,
                  "sms and email: the number, as +491701234567, or the address; a code is sent "
                  "there. Without it the one on file",
                  320},
            Field{"label", &SignInEnroll::label, "A name for this authenticator"},
            Field{"qr", &SignInEnroll::qr, "Answer with a QR code in text, too"}};
  }
};

struct SignInEnrollment : EnrollResult {
  std::optional<Secret> qr;
  static Fields fields() {
    Fields fields = EnrollResult::fields();
    fields.emplace_back("qr", &SignInEnrollment::qr,
                        "The URI as a QR code in text, where it was asked for", 16384);
    return fields;
  }
};

// --- machines ---

struct RecognitionView {
  std::string audience;
  std::optional<std::string> user;
  Kind by = Kind::totp;
  Time since{}, last_used{};
  static Fields fields() {
    return {Field{"audience", &RecognitionView::audience, "Whose policy it is under"},
            Field{"user", &RecognitionView::user,
                  "For this user; absent: for everyone of the audience"},
            Field{"by", &RecognitionView::by, "The kind of factor it followed from"},
            Field{"since", &RecognitionView::since, "Since when"},
            Field{"last_used", &RecognitionView::last_used,
                  "When it let somebody in last, within the hour"}};
  }
};

struct KnownMachine {
  std::string id;
  MachineKind kind = MachineKind::browser;
  MachineStatus status = MachineStatus::known;
  std::string name;
  bool hardware_bound = false;
  std::vector<RecognitionView> recognitions;
  Time created{};
  static Fields fields() {
    return {Field{"id", &KnownMachine::id, "Id"},
            Field{"kind", &KnownMachine::kind, "browser or host"},
            Field{"status", &KnownMachine::status, "known, forgotten or blocked"},
            Field{"name", &KnownMachine::name, "What people call it; may be empty"},
            Field{"hardware_bound", &KnownMachine::hardware_bound, "Its key lives in a TPM"},
            Field{"recognitions", &KnownMachine::recognitions,
                  "For whom it is recognized; policy says which of them have lapsed"},
            Field{"created", &KnownMachine::created, "When it was first seen"}};
  }
};

struct MachineQuery {
  std::optional<std::string> after;
  std::optional<MachineKind> kind;
  std::optional<MachineStatus> status;
  std::optional<int> limit;
  static Fields fields() {
    return {Field{"after", &MachineQuery::after, "Ids greater than this"},
            Field{"kind", &MachineQuery::kind, "Only browsers, or hosts"},
            Field{"status", &MachineQuery::status, "Only in this state"},
            Field{"limit", &MachineQuery::limit, "At most so many, 1 to 1000"}};
  }
};

struct KnownMachinePage {
  std::vector<KnownMachine> machines;
  std::optional<std::string> next;
  static Fields fields() {
    return {Field{"machines", &KnownMachinePage::machines, "In order of id"},
            Field{"next", &KnownMachinePage::next, "Value of 'after' for the next page, if any"}};
  }
};

struct MachineRef {
  std::string id;
  std::optional<std::string> name;
  static Fields fields() {
    return {Field{"id", &MachineRef::id, "Id of the machine", 64},
            Field{"name", &MachineRef::name, "What people call it from now on", 128}};
  }
};

struct MachineRecognize {
  std::string id;
  std::optional<std::string> name, audience, user;
  static Fields fields() {
    return {Field{"id", &MachineRecognize::id, "Id of the machine", 64},
            Field{"name", &MachineRecognize::name, "What people call it from now on", 128},
            Field{"audience", &MachineRecognize::audience, "For everyone of this audience", 64},
            Field{"user", &MachineRecognize::user, "Or for this user", 128}};
  }
};

// --- receipts ---

struct Jwk {
  std::string kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid, x, y;
  static Fields fields() {
    return {Field{"kty", &Jwk::kty, "EC"},
            Field{"crv", &Jwk::crv, "P-256"},
            Field{"use", &Jwk::use, "sig"},
            Field{"alg", &Jwk::alg, "ES256"},
            Field{"kid", &Jwk::kid, "Which key; stands in each receipt's header"},
            Field{"x", &Jwk::x, "base64url"},
            Field{"y", &Jwk::y, "base64url"}};
  }
};
struct JwkSet {
  std::vector<Jwk> keys;
  static Fields fields() {
    return {Field{"keys", &JwkSet::keys, "What receipts are signed with (RFC 7517)"}};
  }
};

struct AuthQuery {
  std::optional<std::string> audience, service;
  static Fields fields() {
    return {Field{"audience", &AuthQuery::audience, "Whose receipts are taken; without it none is",
                  256},
            Field{"service", &AuthQuery::service, "Only receipts for this service", 64}};
  }
};
struct AuthResult {
  std::string user, audience, service, decision, because;
  std::vector<std::string> amr;
  int aal = 0;
  Time expires{};
  static Fields fields() {
    return {Field{"user", &AuthResult::user, "Whose receipt it is"},
            Field{"audience", &AuthResult::audience, "For whom"},
            Field{"service", &AuthResult::service, "For what"},
            Field{"decision", &AuthResult::decision, "allow"},
            Field{"because", &AuthResult::because, "Which rule decided"},
            Field{"amr", &AuthResult::amr, "Authentication method references (RFC 8176)"},
            Field{"aal", &AuthResult::aal, "Assurance level (SP 800-63B-4)"},
            Field{"expires", &AuthResult::expires, "Until when it holds"}};
  }
};

// --- the helpdesk's code ---

struct TemporaryCodeRequest {
  std::string user;
  std::optional<std::int64_t> seconds;
  std::optional<int> uses;
  static Fields fields() {
    return {
        Field{"user", &TemporaryCodeRequest::user, "Name of the user", 128},
        Field{"seconds", &TemporaryCodeRequest::seconds, "How long it works, 8 hours by default"},
        Field{"uses", &TemporaryCodeRequest::uses, "How often it works, once by default"}};
  }
};
struct TemporaryCodeResult {
  std::string id, user;
  Secret code;
  Time expires{};
  int uses = 1;
  static Fields fields() {
    return {Field{"id", &TemporaryCodeResult::id, "Id of the authenticator"},
            Field{"user", &TemporaryCodeResult::user, "Name of the user"},
            Field{"code", &TemporaryCodeResult::code, "The code, shown this once"},
            Field{"expires", &TemporaryCodeResult::expires, "When it ends by itself"},
            Field{"uses", &TemporaryCodeResult::uses, "How often it works"}};
  }
};

// --- fresh verifications ---

struct FreshRequest {
  std::string user, change;
  Secret code;
  static Fields fields() {
    return {Field{"user", &FreshRequest::user, "The user who verifies", 128},
            Field{"change", &FreshRequest::change,
                  "For which change: 'change' of the answer that said fresh_needed, or of a "
                  "policy's dry run",
                  2048},
            Field{"code", &FreshRequest::code, "A code of an authenticator of theirs", 64}};
  }
};
struct FreshResult {
  std::string id;
  Time expires{};
  static Fields fields() {
    return {Field{"id", &FreshResult::id, "Goes with the change, once"},
            Field{"expires", &FreshResult::expires, "5 minutes from now"}};
  }
};

}  // namespace countersign::api
