// SPDX-License-Identifier: Apache-2.0
// The answer to "is it really you?". Denied unless the engine, after a durable commit, says
// otherwise.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/authenticator.h"
#include "core/base/enum_names.h"
#include "core/base/time.h"

namespace countersign {

enum class Reason {
  none,    // verified
  denied,  // what callers who are no verifiers are told, whatever it was (T32)
  unknown_user,
  user_suspended,
  no_factor,  // the user has none that can answer this kind of proof
  wrong_code,
  wrong_proof,    // a token's answer did not hold; why() says which step
  no_challenge,   // nothing waits under this id: answered already, expired, or another caller's
  unknown_token,  // nobody's, or not this user's
  no_token,       // none was plugged in
  timed_out,      // nobody touched it
  cancelled,
  token_failed,    // it could not answer; why() says how
  used_code,       // right once, already used (T01)
  throttled,       // too many failures; retry_at says when it opens
  restored_store,  // the database is older than its epoch; one-time factors wait for an admin (T06)
  clock,           // the clock jumped or is behind; one-time factors wait (T05)
  unavailable,     // it could not be recorded, so it does not count (T04)
};

template <>
inline constexpr auto enum_names<Reason> = std::to_array<EnumName<Reason>>({
    {Reason::none, ""},
    {Reason::denied, "denied"},
    {Reason::unknown_user, "unknown-user"},
    {Reason::user_suspended, "user-suspended"},
    {Reason::no_factor, "no-factor"},
    {Reason::wrong_code, "wrong-code"},
    {Reason::wrong_proof, "wrong-proof"},
    {Reason::no_challenge, "no-challenge"},
    {Reason::unknown_token, "unknown-token"},
    {Reason::no_token, "no-token"},
    {Reason::timed_out, "timed-out"},
    {Reason::cancelled, "cancelled"},
    {Reason::token_failed, "token-failed"},
    {Reason::used_code, "used-code"},
    {Reason::throttled, "throttled"},
    {Reason::restored_store, "restored-store"},
    {Reason::clock, "clock"},
    {Reason::unavailable, "unavailable"},
});

class Verdict {
 public:
  Verdict() = default;
  explicit Verdict(Reason reason, std::optional<Time> retry_at = std::nullopt)
      : reason_(reason == Reason::none ? Reason::denied : reason), retry_at_(retry_at) {}
  Verdict(Reason reason, std::string why) : Verdict(reason) { why_ = std::move(why); }

  [[nodiscard]] bool verified() const { return verified_; }
  [[nodiscard]] Reason reason() const { return reason_; }
  [[nodiscard]] std::string_view why() const {
    return why_.empty() ? to_name(reason_) : std::string_view(why_);
  }  // stable, for programs
  [[nodiscard]] std::optional<Time> retry_at() const { return retry_at_; }
  [[nodiscard]] const std::string& user() const {
    return user_;
  }  // who it is, where the token said so; else empty
  [[nodiscard]] AuthenticatorId authenticator() const { return authenticator_; }
  [[nodiscard]] std::optional<Kind> kind() const { return kind_; }
  [[nodiscard]] const std::vector<std::string>& amr() const { return amr_; }  // RFC 8176
  [[nodiscard]] int aal() const { return aal_; }  // SP 800-63B-4: 1 to 3; 0 when denied

 private:
  // Only the engine makes a verified one, and only from a change that the store has committed.
  friend class VerdictMaker;

  bool verified_ = false;
  Reason reason_ = Reason::denied;
  std::string why_;
  std::string user_;
  std::optional<Time> retry_at_;
  AuthenticatorId authenticator_;
  std::optional<Kind> kind_;
  std::vector<std::string> amr_;
  int aal_ = 0;
};

}  // namespace countersign
