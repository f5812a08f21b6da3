// SPDX-License-Identifier: Apache-2.0
// OATH tokens from CSV with a header; columns in any order, names in any case, with spaces, "_",
// "-" or "." or without:
//
//   serial         also "serial number", "serial no", "SN", "token serial"
//   secret         base32; also "secret key", "secret base32"            } one of the two
//   secret_hex     hex; also "seed", "seed hex", "hex seed", "otpkey"    }
//   type           totp (default) or hotp; also "token type", "kind"
//   digits         6 (default), 7 or 8; also "length", "otp length", "otplen"
//   period         seconds, 30 by default; also "time interval", "time step", "interval"
//   algorithm      SHA1 (default), SHA256 or SHA512; also "hash", "hashlib", "hash algorithm"
//   counter        hotp: the next counter, 0 by default; also "moving factor"
//   period_or_counter      the one that the row's type needs
//   user           also "upn", "user name", "user principal name"
//   label, issuer
//   manufacturer, model    become the label where there is none
//
// That covers what vendors ship for Microsoft Entra: upn,serial number,secret key,time
// interval,manufacturer,model. Required are a secret and one of serial and user, as columns and in
// each row. Other columns are passed over and named in the tally.
#pragma once

#include <string_view>

#include "core/formats/token_record.h"

namespace countersign::formats {

// Fails on a header that can't be used, naming the column, and on a file that ends inside quotes. A
// file that was cut at the end of a row, or within its very last field, can't be told from a whole
// one.
[[nodiscard]] Result<void> import_oath_csv(const Source& source, TokenSink& sink, Tally& tally);

// The same for a file that begins with its first token. columns: "serial,secret,-,type", names as
// above, "-" for one that is passed over. invalid: an unknown name.
inline constexpr std::string_view usual_columns =
    "serial,secret_hex,type,digits,period_or_counter";  // OATH CSV
[[nodiscard]] Result<void> import_oath_csv_without_header(const Source& source,
                                                          std::string_view columns, TokenSink& sink,
                                                          Tally& tally);

}  // namespace countersign::formats
