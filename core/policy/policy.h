// SPDX-License-Identifier: Apache-2.0
// What an audience is asked at its sign-ins: the value, its rules, and what is weaker than what.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/kind_set.h"
#include "core/webauthn/relying_party.h"

namespace countersign {

enum class Mode { off, optional, required };
template <>
inline constexpr auto enum_names<Mode> = std::to_array<EnumName<Mode>>(
    {{Mode::off, "off"}, {Mode::optional, "optional"}, {Mode::required, "required"}});

enum class Ask {
  always,
  unrecognized,  // at machines that are not recognized
};
template <>
inline constexpr auto enum_names<Ask> =
    std::to_array<EnumName<Ask>>({{Ask::always, "always"}, {Ask::unrecognized, "unrecognized"}});

// What the verifier has checked before it asks.
enum class Primary { none, password, sso };
template <>
inline constexpr auto enum_names<Primary> = std::to_array<EnumName<Primary>>(
    {{Primary::none, "none"}, {Primary::password, "password"}, {Primary::sso, "sso"}});

enum class UnknownUsers {
  deny,
  allow,  // the service has users that are not managed here
};
template <>
inline constexpr auto enum_names<UnknownUsers> = std::to_array<EnumName<UnknownUsers>>(
    {{UnknownUsers::deny, "deny"}, {UnknownUsers::allow, "allow"}});

// Services by name; "*" is every service but sshd, sudo and su, which have to be named: there the
// machine is the server, not the person's (T46).
using ServiceList = std::vector<std::string>;
[[nodiscard]] bool covers(const ServiceList& list, std::string_view service);

struct RecognitionRules {
  bool for_everyone = false;  // of the audience; else for the user who verified
  KindSet after = KindSet::all().without(
      {Kind::backup_codes, Kind::temporary_code});  // the factors that make a machine recognized
  ServiceList services = {"*"};
  int disuse_days = 30;         // not used for so long: lapsed
  int maximum_days = 90;        // lapsed however often it is used
  bool hardware_bound = false;  // only machines whose key lives in a TPM
  bool operator==(const RecognitionRules&) const = default;
};

struct GraceRules {
  int hours = 0;  // 0: none
  ServiceList services = {};
  bool operator==(const GraceRules&) const = default;
};

struct Policy {
  Mode mode = Mode::off;
  Ask ask = Ask::always;
  KindSet methods = {Kind::fido2, Kind::piv,  Kind::openpgp, Kind::yubico_otp,
                     Kind::hmac,  Kind::totp, Kind::hotp,    Kind::backup_codes};
  int skip_days =
      0;  // mode optional: how long "skip for now" is remembered; 0: until the user undoes it
  bool enroll_at_sign_in =
      true;              // mode required: who has no factor makes one; else an administrator has to
  bool ask_sso = false;  // single sign-on users are asked too
  bool backup_codes = true;  // off: none are made, existing ones do not work; on again, they do
  int code_length = 6;       // of codes that are sent, 4 to 8
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  UnknownUsers unknown_users = UnknownUsers::deny;
  RecognitionRules recognition = {};
  GraceRules grace = {};
  Time enrolled_since{};  // authenticators made before are forgotten (C3); the epoch: none are

  bool operator==(const Policy&) const = default;
};

// All audiences' policies, as they are stored: in one setting, so that a decision relies on one
// generation.
struct Policies {
  std::map<std::string, Policy> by_audience = {};
  Time machines_since{};  // recognitions before this moment are forgotten (machine forget --all)
  bool operator==(const Policies&) const = default;
};
inline constexpr std::array known_audiences = {"staff", "client"};
// What holds for an audience: its policy; for staff and client without one, off; for any other
// name, required: a name that was mistyped must not open the door.
[[nodiscard]] const Policy& policy_for(const Policies& policies, const std::string& audience);
// Whether the audience's users may verify by this: one of the methods of its policy, where one was
// set; temporary codes always. What is forgotten since (enrolled_since) is another question.
[[nodiscard]] bool admits(const Policies& policies, const std::string& audience, Kind kind);
[[nodiscard]] bool audience_known(const Policies& policies, const std::string& audience);

// invalid, naming the field, for what can't hold.
[[nodiscard]] Result<void> validate(const Policy& policy);
// What an administrator should know before confirming; may be empty.
[[nodiscard]] std::vector<std::string> warnings(const Policy& policy);
// In which respects `after` lets in what `before` did not, in words; empty: in none. Loosening
// needs a fresh verification.
[[nodiscard]] std::vector<std::string> loosened(const Policy& before, const Policy& after);

// 3: can't be phished (signed for one origin, or on the card); 2: one-time codes of a device; 1:
// codes on paper; 0: restricted (SP 800-63B-4 §3.1.3.3): what travels by phone network or e-mail.
[[nodiscard]] int strength(Kind kind);

// As stored. decode: corrupt when it is not what encode made.
[[nodiscard]] Bytes encode(const Policies& policies);
[[nodiscard]] Result<Policies> decode_policies(BytesView stored);
// One policy's octets, always the same for the same policy: what a fresh verification is bound to.
[[nodiscard]] Bytes encode(const Policy& policy);

}  // namespace countersign
