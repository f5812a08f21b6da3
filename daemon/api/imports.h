// SPDX-License-Identifier: Apache-2.0
// /v1/imports: the authenticators of a file, staged before they are bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/authenticator.h"
#include "core/base/secret.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct ImportRef {
  std::string id;
  static Fields fields() { return {Field{"id", &ImportRef::id, "Id of the import", 64}}; }
};

struct ImportRow {
  std::optional<std::string> user, serial, label;
  Kind kind = Kind::totp;
  std::optional<std::string> public_id;
  Secret secret;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period;
  std::optional<std::int64_t> counter, epoch, drift;
  static Fields fields() {
    return {
        Field{"user", &ImportRow::user, "Name of the user; absent: into stock"},
        Field{"serial", &ImportRow::serial, "Serial of the token"},
        Field{"label", &ImportRow::label, "Label"},
        Field{"kind", &ImportRow::kind, "totp, hotp or yubico-otp"},
        Field{"public_id", &ImportRow::public_id, "What a YubiKey types first, in modhex", 32},
        Field{"secret", &ImportRow::secret, "Base32; of a YubiKey the AES key and the private id",
              256},
        Field{"algorithm", &ImportRow::algorithm, "SHA1 (default), SHA256, SHA512"},
        Field{"digits", &ImportRow::digits, "6 (default), 7 or 8"},
        Field{"period", &ImportRow::period, "Seconds, 30 by default"},
        Field{"counter", &ImportRow::counter, "Next counter (HOTP)"},
        Field{"epoch", &ImportRow::epoch, "Unix time at which steps begin (TOTP), 0 by default"},
        Field{"drift", &ImportRow::drift, "Steps that the token's clock is ahead (TOTP)"}};
  }
};

struct ImportRows {
  std::string id;
  std::vector<ImportRow> rows;
  static Fields fields() {
    return {Field{"id", &ImportRows::id, "Id of the import", 64},
            Field{"rows", &ImportRows::rows, "Up to 1024 tokens", 1024}};
  }
};

struct ImportFinish {
  std::string id;
  bool complete = false;
  static Fields fields() {
    return {Field{"id", &ImportFinish::id, "Id of the import", 64},
            Field{"complete", &ImportFinish::complete,
                  "true: all of it counts from now on; false: none of it ever will"}};
  }
};

}  // namespace countersign::api
