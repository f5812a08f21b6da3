// SPDX-License-Identifier: Apache-2.0
// That a key was made on this card: YubiKey's ATTEST, with the extensions of Yubico's "PIV
// Attestation" page.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "devices/virtual/card/base/key.h"

namespace countersign::virtual_card::piv {

struct State;
struct SlotKey;

struct Attester {
  CardKey key;
  Bytes certificate;  // DER: the key's, a certificate authority under the root
  Bytes root;         // DER
};
[[nodiscard]] Attester make_attester(std::uint32_t serial);

// The content of a certificate's data object (SP 800-73-4 Part 1 table 15): 70 certificate, 71 how
// it is packed, FE.
[[nodiscard]] Bytes certificate_object(BytesView der);

// A certificate over the slot's key, signed by the one in F9. Empty: there is nothing in F9 that
// could.
[[nodiscard]] Bytes attest(const State& state, Byte slot, const SlotKey& subject,
                           std::uint32_t serial);

}  // namespace countersign::virtual_card::piv
