// SPDX-License-Identifier: Apache-2.0
// Portable Symmetric Key Container (RFC 6030): what token vendors ship seeds in. Taken are OATH
// keys (algorithms pskc:totp and pskc:hotp), plain or protected with a pre-shared AES key (§6.1) or
// a password (§6.2), by AES-CBC with a MAC or by AES key wrap. XML signatures are not checked:
// whoever needs to know the sender protects the file.
#pragma once

#include "core/base/clock.h"
#include "core/formats/token_record.h"

namespace countersign::formats {

// What opens the file; both empty for a plain one.
struct PskcKeys {
  Secret password;
  Secret key;  // 16, 24 or 32 octets
};

// Fails when the file is malformed or cut off, has a DOCTYPE, needs a key that was not given, is
// plain though one was given, or asks for more than 10,000,000 iterations. A key that can't be
// taken (wrong MAC, another algorithm, a policy that would be lost, out of its dates at the time
// now) is refused in its row, at the line of its KeyPackage; dates that hold are not kept. Slow on
// purpose when a password is to be stretched.
[[nodiscard]] Result<void> import_pskc(const Source& source, const PskcKeys& keys, Time now,
                                       TokenSink& sink, Tally& tally);

// Does what libxml2 and libcrypto do once in a process, for who is about to give up the right to
// open files.
void prepare_pskc();

}  // namespace countersign::formats
