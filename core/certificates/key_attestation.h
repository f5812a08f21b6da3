// SPDX-License-Identifier: Apache-2.0
// A PIV card's word that it made a key, judged: YubiKey's attestation (Yubico, "PIV attestation"),
// which others have taken over. The statement is a certificate for the key, signed by the card's
// own attestation key, whose certificate leads to the maker's root.
#pragma once

#include <cstdint>

#include "core/base/time.h"
#include "core/crypto/x509_path.h"

namespace countersign::certificates {

struct AttestationPolicy {
  crypto::Certificates
      roots;              // makers that are believed, and what stands between them and their cards
  bool required = false;  // a key without a statement that holds gets no certificate
};

struct KeyAttestation {
  Bytes statement, attester;  // DER, as the card gave them
};

// What the key was asked to be, and where; numbers as YubiKeys have them.
struct AttestedKey {
  const crypto::PublicKey& key;
  std::string_view serial;        // of the card, as it tells it in PIV
  std::int64_t pin_policy = 0;    // 1 never, 2 once, 3 always; 0: whatever it is
  std::int64_t touch_policy = 0;  // 1 never, 2 always, 3 cached; 0: whatever it is
};

// The statement, where it is about that key. Code::not_permitted, and for people why: there is
// none, it is no certificate, or about another key.
[[nodiscard]] Result<crypto::Certificate> statement_about(const crypto::PublicKey& key,
                                                          BytesView statement);

// Code::not_permitted, and for people why: there is no statement, it is about another key or card,
// it leads to none of the roots, or says that the key has other policies than were asked for.
[[nodiscard]] Result<void> judge_attestation(const KeyAttestation& attestation,
                                             const AttestedKey& key,
                                             const AttestationPolicy& policy, Time now);

}  // namespace countersign::certificates
