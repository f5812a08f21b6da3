// SPDX-License-Identifier: Apache-2.0
// What an organisation keeps of the cards that it issues itself: their management keys and PUKs,
// and its own small authority. All of it is sealed in the store.
#pragma once

#include <optional>
#include <string>

#include "core/caller.h"
#include "core/crypto/certificate_authority.h"
#include "core/engine/card_authority.h"
#include "core/engine/context.h"

namespace countersign::engine {

inline constexpr const char* card_secrets_setting = "card-secrets";

// Of one card, for as long as it is used.
struct CardSecrets {
  Secret management_key;  // 24 octets: for 3DES and AES-192
  Secret puk;             // eight digits
};

// Those of the card with this serial number; made and recorded when there are none. They are
// durable when then runs: only then may the card be told.
void keep_card_secrets(Context& context, Caller caller, std::string serial, Then<CardSecrets> then);
// For an administrator's eyes; recorded before then runs, with what it rests on (fresh.h).
// not_found: nothing is kept of such a card.
void reveal_card_secrets(Context& context, Caller caller, std::string serial, std::string rests_on,
                         Then<CardSecrets> then);

// The authority. exists: there is one already. invalid: a name that no certificate can hold.
void create_authority(Context& context, Caller caller, std::string name, std::chrono::days lives,
                      Then<crypto::Certificate> then);
// A certificate for a user's key on a card, by that authority or by another one that is given
// along; recorded before then runs. Its names are the user's and the card's: the user's name as
// common name, the e-mail address where there is one, the principal name where the configuration
// says a domain, the card's UUID. invalid: it would outlive the authority.
struct CardCertificate {
  Caller caller;
  std::string user;
  std::string serial;  // of the card
  std::string slot;
  std::string card_uuid;  // "xxxxxxxx-xxxx-..."; empty: the card has none
  crypto::PublicKey key;
  std::optional<crypto::CertificateAuthority> authority;  // none: the store's
  bool attested = false;  // a maker who is believed says that the key was made on it
  std::chrono::days lives{730};
};
void issue_card_certificate(Context& context, CardCertificate request,
                            Then<crypto::Certificate> then);

// Whether cards with certificates of that authority would be taken here: before anything is done to
// one. invalid, with the reason's name, when not.
[[nodiscard]] Result<void> try_authority(Context& context,
                                         const crypto::CertificateAuthority& authority,
                                         const crypto::RevocationEvidence& evidence);

// Both settings sealed under the newest data key, for the end of a rotation. Those that are to be
// written.
[[nodiscard]] Result<std::vector<Setting>> resealed_settings(Context& context);

}  // namespace countersign::engine
