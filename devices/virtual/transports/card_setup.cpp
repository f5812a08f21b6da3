// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/card_setup.h"

#include <algorithm>
#include <array>

#include "devices/virtual/card/piv/sample.h"
#include "devices/virtual/shared/pin_source.h"
#include "devices/virtual/yubikey/applet.h"

namespace countersign::virtual_card {
namespace {

constexpr std::array kinds{"piv", "openpgp", "card"};
constexpr std::array profiles{"yubikey", "plain", "expired"};

Result<void> set_pin(Card& card, const std::string& path) {
  if (!card.state().piv.pin.factory) return {};
  const auto pin = TRY(virtual_token::read_pin(path));
  if (pin.size() < 6 || pin.size() > piv::pin_size)
    return fail(Code::invalid, path + ": a PIV PIN has 6 to 8 characters");
  Secret filled(piv::pin_size);
  std::ranges::fill(filled.expose_mutable(), Byte{0xff});
  std::ranges::copy(pin.expose(), filled.expose_mutable().begin());
  return card.change([&](State& state) { state.piv.pin.set(filled.expose()); });
}

// A YubiKey's slots over CCID, in a file of their own beside the card's; of the card's serial
// number.
Result<void> add_slots(Card& card, const std::string& state) {
  auto file = TRY(virtual_token::LockedFile::open(state.empty() ? state : state + ".slots"));
  auto slots = TRY(virtual_yubikey::load(file));
  slots.serial = card.state().serial;
  card.add(std::make_unique<virtual_yubikey::OtpApplet>(std::move(file), std::move(slots)));
  return {};
}

}  // namespace

bool is_card(const std::string& kind) { return std::ranges::find(kinds, kind) != kinds.end(); }

Result<std::unique_ptr<Card>> make_card(const Setup& setup) {
  if (std::ranges::find(profiles, setup.profile) == profiles.end())
    return fail(Code::invalid, "no such profile of a card: " + setup.profile +
                                   "; there are yubikey, plain, expired");
  auto file = TRY(virtual_token::LockedFile::open(setup.state));
  auto state = TRY(load(file));
  const Profile profile{.piv = setup.kind != "openpgp",
                        .openpgp = setup.kind != "piv",
                        .yubikey = setup.profile != "plain",
                        .contactless = setup.contactless};
  auto card = std::make_unique<Card>(profile, std::move(file), std::move(state));
  if (setup.profile == "expired" && !card->state().piv.slots.contains(piv::slot::authentication))
    if (const auto made = card->change([](State& held) { piv::put_expired_certificate(held.piv); });
        !made)
      return std::unexpected(made.error());
  if (setup.profile == "yubikey")
    if (const auto added = add_slots(*card, setup.state); !added)
      return std::unexpected(added.error());
  if (!setup.pin_file.empty())
    if (const auto set = set_pin(*card, setup.pin_file); !set) return std::unexpected(set.error());
  for (const std::string& fault : setup.faults)
    if (const auto set = card->set_fault(fault); !set) return std::unexpected(set.error());
  return card;
}

}  // namespace countersign::virtual_card
