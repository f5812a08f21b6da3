// SPDX-License-Identifier: Apache-2.0
// What making a key on a card and installing its certificate share: the card as it was before, and
// its management key. Private to this folder.
#pragma once

#include "devices/smartcard/card.h"
#include "devices/smartcard/piv/management.h"

namespace countersign::devices::smartcard {

// What the card tells of itself without being asked for a secret.
struct Before {
  std::optional<piv::Management::Key> key;  // nothing: it does not tell, and is asked for 3DES
  bool pin_factory = false, puk_factory = false;
  std::optional<std::int64_t> tries;
};
// removed: another card than the one with this serial number.
[[nodiscard]] std::expected<Before, reader::Failed> look(Card& card, const std::string& serial,
                                                         const Deadline& deadline);
[[nodiscard]] crypto::BlockCipher cipher_of(const Before& before);

// For one turn. A key of another length is not tried: 6982.
[[nodiscard]] std::expected<Status, Loss> authenticate(piv::Management& management,
                                                       const Before& before, const Secret& key);

// The management key that the card takes, of those that the daemon has for it.
struct Fitting {
  Secret key;
  bool kept = false;  // it is the one that the daemon keeps for it
};
[[nodiscard]] std::expected<Fitting, reader::Failed> find_key(Card& card, const Before& before,
                                                              Interaction& interaction,
                                                              const Deadline& deadline);

// A status that ends the work, with what it was about.
struct Step {
  Status status{0x9000};
  std::string what;
};
[[nodiscard]] reader::Reply reply_to(const Step& step);

}  // namespace countersign::devices::smartcard
