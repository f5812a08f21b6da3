// SPDX-License-Identifier: Apache-2.0
// Private to this folder: what waits between two steps of a sign-in, sealed in the store's volatile
// part; bound to its caller.
#pragma once

#include <tuple>

#include "core/base/time.h"
#include "core/engine/sign_in/sign_in.h"
#include "core/policy/recognition.h"

namespace countersign::engine {

struct SignInRecord {
  std::string id;
  std::string user, service, audience, nonce, session;
  Primary primary = Primary::none;
  bool receipt = true;
  std::uint32_t caller = 0;  // uid, for service accounts
  Bytes challenge;
  Time expires{};
  int tries = 0;
  // The machine that was proved; id 0 and a kind: one that the store does not know yet.
  MachineId machine;
  std::optional<MachineKind> machine_kind;
  bool matches = false;
  Bytes machine_key, fingerprint;
  std::string machine_name, machine_says;
  std::string enrollment;  // begun within it
  // The end: what it was let in by.
  std::optional<Because> done;
  AuthenticatorId by;  // that verified
  MachineState final_state = MachineState::none;
  bool recognized_now = false;
  std::vector<std::string> amr;
  int aal = 0;

  bool operator==(const SignInRecord&) const = default;

  static constexpr std::string_view waits_as = "sign-in";
  static std::uint64_t owner(const Caller& caller);
  static auto fields(auto& r) {
    return std::tie(r.id, r.user, r.service, r.audience, r.nonce, r.session, r.primary, r.receipt,
                    r.caller, r.challenge, r.expires, r.tries, r.machine, r.machine_kind, r.matches,
                    r.machine_key, r.fingerprint, r.machine_name, r.machine_says, r.enrollment,
                    r.done, r.by, r.final_state, r.recognized_now, r.amr, r.aal);
  }
};

[[nodiscard]] Result<void> hold_sign_in(Context& context, const Caller& caller,
                                        const SignInRecord& record);
// Removes it; whoever goes on holds it again. not_found: none of this caller's.
[[nodiscard]] Result<SignInRecord> take_sign_in(Context& context, const Caller& caller,
                                                const std::string& id);

// Of a record that is done.
[[nodiscard]] inline Error decided_already() {
  return {Code::conflict, "this sign-in is decided already; begin a new one"};
}

}  // namespace countersign::engine
