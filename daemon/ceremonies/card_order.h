// SPDX-License-Identifier: Apache-2.0
// A PIV card on its way from the factory, or from its last certificate, to one that its user signs
// in with.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/crypto/certificate_authority.h"
#include "core/crypto/x509_path.h"
#include "core/engine/grounds/grounds.h"
#include "daemon/ceremonies/tap.h"

namespace countersign::routes {

// What is wanted of the card; checked, as far as that is possible without it.
struct CardOrder {
  reader::CardGenerate key;  // the slot, and what the key shall be; its serial is filled in
  bool new_key = true;
  bool request_only = false;                            // it ends with a request for a certificate
  std::optional<crypto::Certificate> certificate = {};  // that came of one
  std::optional<crypto::CertificateAuthority> authority = {};  // none: the store's
  std::chrono::days lives{730};
  std::string label;
  std::shared_ptr<Secret> management_key =
      {};  // the card's, that somebody else gave it; none: kept here, or the factory's
  std::optional<Authenticator> renews = {};
  engine::Grounds grounds = {};  // on what a new authenticator is bound
};

// Does it, and answers the stream with api::CardProvisioned. device: its id; empty: the one that is
// there. The user is the tap's. The store is told before the card where the card can't be asked
// again, and the card's authenticator is bound last of all: whatever ends it half-way, the same
// order goes on with that card.
void carry_out(const std::shared_ptr<Tap>& tap, std::string device, CardOrder order);

}  // namespace countersign::routes
