// SPDX-License-Identifier: Apache-2.0
// The key's own little certificate authority: a root that is made once with the state, and the
// attestation certificate under it (WebAuthn L3 §8.2.1, FIDO U2F attestation certificates).
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "devices/virtual/key/private_key.h"

namespace countersign::virtual_key {

struct Attestation {
  PrivateKey key;     // of the leaf: ES256
  Bytes certificate;  // DER, of the leaf
  Bytes root;  // DER. Its private key was dropped after signing the leaf: nothing else will ever be
               // under it
};

[[nodiscard]] Attestation make_attestation(std::string_view serial);

}  // namespace countersign::virtual_key
