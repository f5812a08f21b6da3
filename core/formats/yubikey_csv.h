// SPDX-License-Identifier: Apache-2.0
// What the tools that program YubiKeys write down of them, one configuration a row, without a
// header:
//
//   serial,public id,private id,AES key,access code,time[,...]     Yubico's key provisioning format
//   ("# ykksm 1"), also ykman's output Yubico OTP,time,slot,public id,private id,AES key,... the
//   log of the YubiKey Personalization Tool OATH-HOTP,time,slot,token id,...,secret,... the same
//
// Public ids are modhex, secrets hexadecimal. Empty lines, "# ..." and "LOGGING START,..." are
// passed over. Configurations of other kinds (static passwords, challenge-response) are refused by
// name: they type or answer nothing that can be verified as it was logged.
#pragma once

#include "core/formats/token_record.h"

namespace countersign::formats {

[[nodiscard]] Result<void> import_yubikey_csv(const Source& source, TokenSink& sink, Tally& tally);

}  // namespace countersign::formats
