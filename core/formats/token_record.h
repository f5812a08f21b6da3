// SPDX-License-Identifier: Apache-2.0
// What every token import produces.
#pragma once

#include <cstdint>
#include <string>

#include "core/authenticator.h"
#include "core/base/secret.h"
#include "core/formats/sink.h"

namespace countersign::formats {

struct TokenRecord {
  std::size_t line = 0;  // where the record begins in its file; 1 is the first
  std::string user;  // the name the file gives; empty: stock of nobody yet. Formats without users
                     // (otpauth, migration) give the account name here and in label
  std::string serial;
  std::string label;
  std::string issuer;
  Kind kind = Kind::totp;  // totp, hotp or yubico-otp
  Bytes handle;            // yubico-otp: the public id
  OathParameters oath;
  std::int64_t counter = 0;  // hotp: the next counter
  std::int64_t drift = 0;    // totp: steps that the token's clock is ahead (PSKC TimeDrift)
  Secret secret;             // yubico-otp: the AES key and after it the private id
};

using TokenSink = Sink<TokenRecord>;

// Refuses what no authenticator may carry: secrets under 80 or over 1024 bits (RFC 4226 §4 R6 asks
// for 128; phones' usual 80 are admitted), bad parameters, over-long or unsafe texts. The message
// names field and rule.
[[nodiscard]] Result<void> validate(const TokenRecord& record);

// A value for a message: escaped, cut to 32 bytes. What may be a seed (16 or more letters and
// digits) is not shown: with columns mixed up, any of them may hold it, and messages end up in
// logs.
[[nodiscard]] std::string shown_value(std::string_view value);

// Whole decimal number without sign, space or leading '+'; field names it in the message.
[[nodiscard]] Result<std::int64_t> parse_number(std::string_view field, std::string_view text,
                                                std::int64_t least, std::int64_t most);

// "SHA1", "sha-256", "HmacSHA512", "HMAC-SHA-256"; anything else is refused by its name.
[[nodiscard]] Result<HashAlgorithm> parse_algorithm(std::string_view text);

}  // namespace countersign::formats
