// SPDX-License-Identifier: Apache-2.0
// The Key URI format that phones' authenticator apps read from QR codes:
//   otpauth://TYPE/ISSUER:ACCOUNT?secret=BASE32&issuer=ISSUER&algorithm=SHA1&digits=6&period=30
//   (TYPE totp) otpauth://hotp/...&counter=N
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
#pragma once

#include <string_view>

#include "core/formats/token_record.h"

namespace countersign::formats {

// One URI. The issuer parameter goes before the label's prefix; unknown parameters are ignored, a
// parameter given twice is refused, hotp needs its counter. The account is in user and label; a URI
// without one leaves user empty, and its label is the issuer. line is left 0.
[[nodiscard]] Result<TokenRecord> parse_otpauth(std::string_view uri);

// What a phone is to scan. Everything is percent-encoded (T33), and what no phone could take is
// refused: texts that validate() refuses, a colon that would part them elsewhere, a start of steps
// other than 1970. The text holds the secret.
struct OtpauthLabel {
  std::string_view issuer;  // may be empty
  std::string_view account;
};
[[nodiscard]] Result<Secret> make_otpauth(const OtpauthLabel& label, Kind kind,
                                          const OathParameters& oath, std::int64_t counter,
                                          const Secret& secret);

// One URI a line; empty lines and lines that begin with # are skipped.
[[nodiscard]] Result<void> import_otpauth(const Source& source, TokenSink& sink, Tally& tally);

}  // namespace countersign::formats
