// SPDX-License-Identifier: Apache-2.0
// One sign-in from its question to its receipt: begin, prove the machine, verify or enrol or skip.
// Each step reads user, policy, machine and throttle again. What waits between steps is in the
// store's volatile part: a restart ends it, which denies.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/enrollment/enrollment.h"
#include "core/engine/grounds/grounds.h"
#include "core/factors/typed_code.h"
#include "core/policy/decide.h"
#include "core/verdict.h"

namespace countersign::engine {

// What the caller is told after each step.
struct SignInView {
  std::string id;
  std::string user;
  std::string service;
  Primary primary = Primary::none;
  Decided decided;
  KindSet enrollable = {};  // what may be bound within it
  Bytes challenge;          // for a host's proof (machine_proof.h)
  Time expires{};
  // The machine, as far as it was proved.
  MachineId machine;
  std::optional<MachineKind> machine_kind;
  MachineState machine_state = MachineState::none;
  std::string
      machine_says;  // of a host: what became of its fingerprint (machine_match.h, describe)
  std::string
      cookie;  // of a browser: the value to keep from now on; the one before ends when it is used
  bool machine_recognized_now = false;  // by this very sign-in
  // With allow.
  std::string receipt;
  std::vector<std::string> amr;
  int aal = 0;
  std::optional<Verdict> verdict;  // of a verification that denied
};
using ThenView = Then<SignInView>;

struct BeginSignIn {
  Caller caller;  // its service is the sign-in's
  std::string user;
  Primary primary = Primary::none;
  std::string audience;  // of the receipt; empty: the service
  std::string nonce;
  bool receipt = true;  // with allow; who signs in nobody but themselves gets none (T47)
  std::string session;  // login session at this machine, as the daemon found it; empty: none, or a
                        // remote one
  bool here =
      false;  // at this machine's own seat, as the daemon found it: the machine is this host
  std::optional<std::string>
      cookie;  // a browser's value, if one was kept; empty: a browser without
};
void begin_sign_in(Context& context, BeginSignIn request, ThenView then);

// A host's proof: its public key (SPKI), fingerprint (encoded), and a signature over the challenge.
struct HostProof {
  Bytes key, fingerprint, signature;
};
void prove_host(Context& context, Caller caller, const std::string& id, HostProof proof,
                ThenView then);
// value empty: a browser that has none yet.
void prove_browser(Context& context, Caller caller, const std::string& id, const std::string& value,
                   ThenView then);

struct OtpEvidence;  // otp_elsewhere.h

// A code within the sign-in. remember: the machine may become recognized by it (the person may
// decline).
struct VerifySignIn {
  Caller caller;
  std::string id;
  TypedCode code;
  bool remember = true;
  std::string challenge = {};  // of a code that was sent for this sign-in (sent_codes.h); empty: a
                               // code that the person has
  std::shared_ptr<const OtpEvidence> evidence = {};  // verification/code.h
};
void verify_sign_in(Context& context, VerifySignIn request, ThenView then);

// For factors that answer elsewhere (a tap, a browser's key, a code that was sent): who is to
// answer, then what came of it.
struct AwaitedProof {
  std::string user;
  KindSet kinds;
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  int code_length = 6;  // of a code that is sent
};
[[nodiscard]] Result<AwaitedProof> await_proof(Context& context, const Caller& caller,
                                               const std::string& id);
void conclude_sign_in(Context& context, Caller caller, const std::string& id, Verdict verdict,
                      bool remember, ThenView then);

// Where the decision is enroll: begin to bind TOTP or HOTP within the sign-in, then confirm its
// first code, which lets in.
void enroll_in_sign_in(Context& context, Caller caller, const std::string& id, Kind kind,
                       std::string label, Then<Enrollment> then);
void confirm_in_sign_in(Context& context, VerifySignIn request, ThenView then);
// For keys, which are bound elsewhere (registration.h): whose it becomes, then what was bound,
// which lets in. not_permitted: the decision is not enroll and nobody verified in this sign-in, or
// policy does not admit the kind.
struct AwaitedEnrollment {
  std::string user;
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  Grounds grounds = {};
};
[[nodiscard]] Result<AwaitedEnrollment> await_enrollment(Context& context, const Caller& caller,
                                                         const std::string& id, Kind kind);
// Of a phone number or address (sent_codes.h, begin_sent_enrollment): confirm_in_sign_in is for
// this enrolment from now on.
[[nodiscard]] Result<void> note_enrollment(Context& context, const Caller& caller,
                                           const std::string& id, std::string enrollment);
void conclude_enrolled(Context& context, Caller caller, const std::string& id,
                       AuthenticatorId bound, bool remember, ThenView then);

void skip_sign_in(Context& context, const Caller& caller, const std::string& id, ThenView then);
[[nodiscard]] Result<SignInView> show_sign_in(Context& context, const Caller& caller,
                                              const std::string& id);

}  // namespace countersign::engine
