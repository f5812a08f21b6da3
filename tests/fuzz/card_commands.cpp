// SPDX-License-Identifier: Apache-2.0
// Hostile hosts: octets on a virtual card's wire. It never crashes, each answer has a status word,
// and it stays within its bounds.
#include "devices/virtual/card/vpcd.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::virtual_card;

namespace {

// Made once: a factory costs milliseconds.
Card& fresh_card(Byte profile) {
  static Card yubikey({}, std::move(*virtual_token::LockedFile::open("")), new_state());
  static Card plain({.yubikey = false}, std::move(*virtual_token::LockedFile::open("")),
                    new_state());
  static Card contactless({.contactless = true}, std::move(*virtual_token::LockedFile::open("")),
                          new_state());
  Card* const cards[] = {&yubikey, &plain, &contactless};
  return *cards[profile % 3];
}

}  // namespace

// One octet for the profile, one for the application that is selected first (0: PIV, 1: OpenPGP,
// else none); then the reader's messages.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Card& card = fresh_card(data[0]);
  Moment now{};
  Vpcd vpcd(card, {},
            {[](BytesView octets) { formats::fuzz::must_hold(octets.size() >= 4); }, [] {}});
  vpcd.plugged();
  constexpr Byte select_piv[] = {0, 10, 0x00, 0xa4, 0x04, 0x00, 0x05, 0xa0, 0x00, 0x00, 0x03, 0x08};
  constexpr Byte select_openpgp[] = {0,    11,   0x00, 0xa4, 0x04, 0x00, 0x06,
                                     0xd2, 0x76, 0x00, 0x01, 0x24, 0x01};
  if (data[1] == 0) vpcd.receive(select_piv, now);
  if (data[1] == 1) vpcd.receive(select_openpgp, now);
  vpcd.receive(BytesView(data, size).subspan(2), now);
  for (const auto& [tag, content] : card.state().piv.objects)
    formats::fuzz::must_hold(content.size() <= piv::largest_object);
  formats::fuzz::must_hold(card.state().piv.pin.left <= card.state().piv.pin.most);
  return 0;
}
