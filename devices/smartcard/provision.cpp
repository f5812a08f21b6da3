// SPDX-License-Identifier: Apache-2.0
// Making a key on a PIV card. The question for the management key comes before the turn that uses
// the answer.
#include "devices/smartcard/provision.h"

#include "core/crypto/system_random.h"
#include "devices/smartcard/piv/objects.h"

namespace countersign::devices::smartcard {
namespace {

using crypto::BlockCipher;
using piv::Management;
using reader::CardGenerate;
using reader::Failed;
using reader::Failure;
using reader::Prompt;
using reader::PromptKind;
using reader::Reply;

constexpr int most_keys =
    3;  // the one that is kept for the card, one that was given along, and the factory's
constexpr Byte pin_reference = 0x80, puk_reference = 0x81;

Failed unsupported(std::string detail) {
  return Failed{.failure = Failure::unsupported, .detail = std::move(detail)};
}

std::expected<Before, Loss> look(Application& application, const CardApplet& applet) {
  Management& management = *application.management();
  const auto key = TRY(management.key());
  Before before{
      .key = key, .pin_factory = false, .puk_factory = false, .tries = applet.pin_retries};
  if (!before.key) return before;  // no card that tells
  const auto pin = TRY(management.is_factory(pin_reference));
  const auto puk = TRY(management.is_factory(puk_reference));
  before.pin_factory = pin.value_or(false);
  before.puk_factory = puk.value_or(false);
  return before;
}

struct Made {
  Step step;
  Bytes key;
};

std::expected<Made, Loss> make(Management& management, const Before& before, const Secret& key,
                               const CardGenerate& request, KeyType type, Byte slot) {
  const auto authenticated = TRY(authenticate(management, before, key));
  if (!authenticated.ok()) return Made{.step = {authenticated, "management key"}, .key = {}};
  auto made = management.generate(slot, type,
                                  {.pin = static_cast<Byte>(request.pin_policy),
                                   .touch = static_cast<Byte>(request.touch_policy)});
  // The key may have been made when the card was lost here; it is not made twice by itself.
  if (!made) return std::unexpected(made.error() == Loss::reset ? Loss::busy : made.error());
  if (!made->status.ok()) return Made{.step = {made->status, "a new key"}, .key = {}};
  if (auto gone = management.put(piv::slot_named(request.slot)->certificate, {}); !gone)
    return std::unexpected(gone.error() == Loss::reset ? Loss::busy : gone.error());
  return Made{.step = {}, .key = std::move(made->data)};
}

}  // namespace

std::expected<Before, Failed> look(Card& card, const std::string& serial,
                                   const Deadline& deadline) {
  const auto before = card.with(
      Capability::piv, deadline,
      [&](Application& application, const CardApplet& applet) -> std::expected<Before, Loss> {
        if (applet.serial != serial) return std::unexpected(Loss::removed);  // another card
        return look(application, applet);
      });
  if (!before) return std::unexpected(failed(before.error()));
  if (!*before) return std::unexpected(unsupported("the card has no PIV application"));
  return **before;
}

BlockCipher cipher_of(const Before& before) {
  return before.key ? before.key->cipher : BlockCipher::triple_des;
}

std::expected<Status, Loss> authenticate(Management& management, const Before& before,
                                         const Secret& key) {
  const BlockCipher cipher = cipher_of(before);
  if (key.size() != crypto::key_size(cipher)) return Status{0x6982};
  Bytes random(crypto::block_size(cipher));
  crypto::SystemRandom().fill(random);
  return management.authenticate(cipher, key, random);
}

std::expected<Fitting, Failed> find_key(Card& card, const Before& before, Interaction& interaction,
                                        const Deadline& deadline) {
  for (int tried = 0; tried < most_keys; ++tried) {
    auto key = TRY(
        ask(interaction, Prompt{.kind = PromptKind::management_key, .again = tried > 0}, deadline));
    const auto taken =
        card.with(Capability::piv, deadline, [&](Application& application, const CardApplet&) {
          card.reset_after_turn();
          return authenticate(*application.management(), before, key);
        });
    if (!taken) return std::unexpected(failed(taken.error()));
    if (!*taken) return std::unexpected(failed(Loss::removed));
    if ((*taken)->ok()) return Fitting{.key = std::move(key), .kept = tried == 0};
    if (!(*taken)->needs_verification()) return std::unexpected(failed(**taken));
  }
  return std::unexpected(
      Failed{.failure = Failure::wrong_management_key, .detail = "no management key fits"});
}

Reply reply_to(const Step& step) {
  return Failed{.failure = Failure::internal, .detail = step.what + ": " + words_of(step.status)};
}

Reply generate(Card& card, const CardGenerate& request, Interaction& interaction,
               const Deadline& deadline) {
  const auto type = piv::type_named(request.algorithm);
  const piv::Slot* const slot = piv::slot_named(request.slot);
  if (!type || slot == nullptr) return unsupported("no such slot or kind of key");
  const auto before = look(card, request.serial, deadline);
  if (!before) return before.error();
  const auto key = find_key(card, *before, interaction, deadline);
  if (!key) return key.error();
  auto made =
      card.with(Capability::piv, deadline, [&](Application& application, const CardApplet&) {
        card.reset_after_turn();
        return make(*application.management(), *before, key->key, request, *type, slot->reference);
      });
  if (!made) return failed(made.error());
  if (!*made) return failed(Loss::removed);
  if (!(*made)->step.status.ok()) return reply_to((*made)->step);
  return reader::CardGenerated{.public_key = std::move((*made)->key)};
}

}  // namespace countersign::devices::smartcard
