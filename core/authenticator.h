// SPDX-License-Identifier: Apache-2.0
// One bound factor of one user.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"
#include "core/base/hash_algorithm.h"
#include "core/base/id.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/basis.h"
#include "core/user.h"

namespace countersign {

enum class Kind {
  fido2,
  piv,
  openpgp,
  yubico_otp,
  hmac,
  totp,
  hotp,
  sms,
  email,
  backup_codes,
  temporary_code
};

template <>
inline constexpr auto enum_names<Kind> = std::to_array<EnumName<Kind>>({
    {Kind::fido2, "fido2"},
    {Kind::piv, "piv"},
    {Kind::openpgp, "openpgp"},
    {Kind::yubico_otp, "yubico-otp"},
    {Kind::hmac, "hmac"},
    {Kind::totp, "totp"},
    {Kind::hotp, "hotp"},
    {Kind::sms, "sms"},
    {Kind::email, "email"},
    {Kind::backup_codes, "backup-codes"},
    {Kind::temporary_code, "temporary-code"},
});

// Guessable kinds are codes a person types; they share one throttle per user (throttle.h).
[[nodiscard]] bool guessable(Kind kind);

// Codes that were sent: restricted (SP 800-63B-4 §3.2.9), never phishing-resistant.
[[nodiscard]] constexpr bool sent(Kind kind) { return kind == Kind::sms || kind == Kind::email; }

enum class Status {
  unassigned,  // stock: imported, of no user yet
  active,
  suspended,  // reversible
  revoked,    // final; the row stays
};

template <>
inline constexpr auto enum_names<Status> = std::to_array<EnumName<Status>>({
    {Status::unassigned, "unassigned"},
    {Status::active, "active"},
    {Status::suspended, "suspended"},
    {Status::revoked, "revoked"},
});

// Parameters of TOTP (RFC 6238) and HOTP (RFC 4226).
struct OathParameters {
  HashAlgorithm algorithm = HashAlgorithm::sha1;
  int digits = 6;          // 6 to 8
  int period = 30;         // seconds, 5 to 300; TOTP only
  std::int64_t epoch = 0;  // T0 in Unix seconds; TOTP only

  bool operator==(const OathParameters&) const = default;
};
[[nodiscard]] Result<void> validate(const OathParameters& parameters, Kind kind);

// What moves when a factor is used. Committed with the generation as precondition, so it only goes
// forward.
struct Progress {
  std::int64_t counter =
      0;  // TOTP: first step not yet used up; HOTP: next counter; signature or use counter
  std::int64_t detail =
      0;             // TOTP: remembered drift in steps; backup codes: one bit for each used code
  Time last_used{};  // epoch: never

  bool operator==(const Progress&) const = default;
};

struct Authenticator {
  AuthenticatorId id;
  Generation generation = 0;
  UserId user;  // none only while unassigned
  Kind kind = Kind::totp;
  Status status = Status::active;
  std::string label;   // of the person's choice
  std::string serial;  // of the token; unique among all that are not revoked, if not empty
  Bytes handle;  // what a proof brings and finds this row by (a credential id's hash, a public id);
                 // unique like serial, within its kind
  OathParameters oath;
  Bytes material;  // sealed (crypto/vault.h) where the kind has a secret
  Progress progress;
  ImportId import;  // the import it came with; invisible until that import is complete
  Time created{};
  Time ended{};  // when it was revoked; of a temporary code: when it ends by itself
  Basis basis;   // of its binding; what came with an import rests on that import's basis (store.h,
                 // Import)

  bool operator==(const Authenticator&) const = default;
};

[[nodiscard]] Result<void> validate_label(std::string_view label);
[[nodiscard]] Result<void> validate_serial(std::string_view serial);

}  // namespace countersign
