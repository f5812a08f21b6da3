// SPDX-License-Identifier: Apache-2.0
// Google Authenticator's export: otpauth-migration://offline?data=..., a protocol buffer in base64
// in a URI, spread over several QR codes when there are many accounts:
//   MigrationPayload { repeated OtpParameters otp_parameters = 1; int32 version = 2, batch_size =
//   3, batch_index = 4,
//                      batch_id = 5; }
//   OtpParameters { bytes secret = 1; string name = 2, issuer = 3; enum algorithm = 4, digits = 5,
//   type = 6;
//                   int64 counter = 7; }
// The wire format is protobuf.dev/programming-guides/encoding; it is read here by hand, in bounds.
#pragma once

#include "core/formats/token_record.h"

namespace countersign::formats {

// One URI a line; empty lines and lines that begin with # are skipped. An export of which a batch
// is missing is refused at the line of its first batch, since the person forgot to scan a QR code.
[[nodiscard]] Result<void> import_migration(const Source& source, TokenSink& sink, Tally& tally);

}  // namespace countersign::formats
