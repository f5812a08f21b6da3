// SPDX-License-Identifier: Apache-2.0
// Whether what a card answered is a proof: its certificate's path, and a signature by that very key
// over a fresh challenge. Enrolment and verification judge alike, each time.
#pragma once

#include <optional>
#include <string>

#include "core/certificates/names.h"
#include "core/engine/context.h"

namespace countersign::engine {

// As it came from the reader.
struct CardProof {
  Kind kind = Kind::piv;  // or openpgp
  std::string slot;
  Bytes public_key;       // SubjectPublicKeyInfo
  Bytes certificate;      // piv
  Bytes signature;        // ECDSA's is DER
  bool verified = false;  // the card took its PIN in the turn in which it signed
  bool software = false;
  std::string model;
  crypto::RevocationEvidence evidence = {};  // what was fetched for this certificate
};

struct CardJudgement {
  std::string refused;  // the reason's name, "certificate-expired"; empty: it is a proof
  std::string why;      // for people
  bool user_verified = false;
  bool by_path = false;       // the certificate was judged, and holds
  certificates::Names names;  // of a certificate that holds
  std::string subject;
};
[[nodiscard]] CardJudgement judge_card(Context& context, const CardProof& proof,
                                       BytesView challenge, webauthn::UserVerification uv);

// The same of the certificate and its key alone, before anything was signed: whether a proof with
// them could hold.
[[nodiscard]] CardJudgement judge_certificate(Context& context, const CardProof& proof);

// What could be fetched before a proof is judged; empty where certificates don't count or need no
// revocation status.
[[nodiscard]] std::vector<certificates::Wanted> wanted_for(Context& context,
                                                           const Bytes& certificate);

}  // namespace countersign::engine
