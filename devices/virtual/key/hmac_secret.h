// SPDX-License-Identifier: Apache-2.0
// The hmac-secret extension at getAssertion (CTAP 2.1 §12.5).
#pragma once

#include "devices/virtual/key/key.h"

namespace countersign::virtual_key {

// The salts of the extension's input, decrypted and checked once; two salts or one.
struct Salts {
  SharedSecret shared;
  Secret salts;  // 32 or 64 octets
};
[[nodiscard]] Outcome<Salts> open_salts(const Key& key, const cbor::Value& input);

// The extension's output for this credential: HMACs under its random, encrypted; null when it was
// made without the extension.
[[nodiscard]] cbor::Value hmac_secret_output(const Salts& salts, const Credential& credential,
                                             bool verified);

}  // namespace countersign::virtual_key
