// SPDX-License-Identifier: Apache-2.0
// Making a key on a PIV card and putting a certificate to it. Each question comes before the turn that uses its answer. What a card has from
// its factory is replaced in the same turn, the management key last: whatever goes wrong before, all can be done again.
#include <algorithm>

#include "core/crypto/system_random.h"
#include "devices/smartcard/card.h"
#include "devices/smartcard/piv/applet.h"
#include "devices/smartcard/piv/management.h"

namespace countersign::devices::smartcard {
namespace {

using crypto::BlockCipher;
using piv::Management;
using reader::CardGenerate;
using reader::CardInstall;
using reader::Failed;
using reader::Failure;
using reader::Prompt;
using reader::PromptKind;
using reader::Reply;

constexpr int most_keys = 3;  // that the daemon may offer
constexpr Byte pin_reference = 0x80, puk_reference = 0x81;
constexpr std::uint32_t chuid_object = 0x5FC102, capability_object = 0x5FC107;

Failed unsupported(std::string detail) { return Failed{.failure = Failure::unsupported, .retries = {}, .detail = std::move(detail)}; }

// As most factories leave them; the card says whether they are still there.
Secret factory_pin() { return Secret(std::string_view("123456\xff\xff")); }
Secret factory_puk() { return Secret(std::string_view("12345678")); }

// What the card tells of itself without being asked for a secret.
struct Before {
  std::optional<Management::Key> key;
  bool pin_factory = false, puk_factory = false;
  std::optional<std::int64_t> tries;
};

std::expected<Before, Loss> look(Application& application, const CardApplet& applet) {
  Management& management = *application.management();
  const auto key = management.key();
  if (!key) return std::unexpected(key.error());
  Before before{.key = *key, .pin_factory = false, .puk_factory = false, .tries = applet.pin_retries};
  if (!before.key) return before;  // no card that tells
  const auto pin = management.is_factory(pin_reference);
  if (!pin) return std::unexpected(pin.error());
  const auto puk = management.is_factory(puk_reference);
  if (!puk) return std::unexpected(puk.error());
  before.pin_factory = pin->value_or(false);
  before.puk_factory = puk->value_or(false);
  return before;
}

std::expected<Before, Failed> look(Card& card, const std::string& serial, const Deadline& deadline) {
  const auto before = card.with(Capability::piv, deadline, [&](Application& application, const CardApplet& applet) -> std::expected<Before, Loss> {
    if (applet.serial != serial) return std::unexpected(Loss::removed);  // another card
    return look(application, applet);
  });
  if (!before) return std::unexpected(failed(before.error()));
  if (!*before) return std::unexpected(unsupported("the card has no PIV application"));
  return **before;
}

BlockCipher cipher_of(const Before& before) { return before.key ? before.key->cipher : BlockCipher::triple_des; }

std::expected<Status, Loss> authenticate(Management& management, const Before& before, const Secret& key) {
  const BlockCipher cipher = cipher_of(before);
  if (key.size() != crypto::key_size(cipher)) return Status{0x6982};
  Bytes random(crypto::block_size(cipher));
  crypto::SystemRandom().fill(random);
  return management.authenticate(cipher, key, random);
}

// The management key that the card takes, of those that the daemon has for it.
std::expected<Secret, Failed> find_key(Card& card, const Before& before, Interaction& interaction, const Deadline& deadline) {
  for (int tried = 0; tried < most_keys; ++tried) {
    auto key = ask(interaction, Prompt{.kind = PromptKind::management_key, .retries = {}, .again = tried > 0}, deadline);
    if (!key) return std::unexpected(key.error());
    const auto taken = card.with(Capability::piv, deadline, [&](Application& application, const CardApplet&) {
      card.reset_after_turn();
      return authenticate(*application.management(), before, *key);
    });
    if (!taken) return std::unexpected(failed(taken.error()));
    if (!*taken) return std::unexpected(failed(Loss::removed));
    if ((*taken)->ok()) return std::move(*key);
    if (!(*taken)->needs_verification()) return std::unexpected(failed(**taken));
  }
  return std::unexpected(Failed{.failure = Failure::wrong_management_key, .retries = {}, .detail = "no management key fits"});
}

// A status that ends the work, with what it was about.
struct Step {
  Status status{0x9000};
  std::string what;
};

struct Made {
  Step step;
  Bytes key, attestation;
};

std::expected<Made, Loss> make(Management& management, const Before& before, const Secret& key, const CardGenerate& request, KeyType type, Byte slot) {
  const auto authenticated = authenticate(management, before, key);
  if (!authenticated) return std::unexpected(authenticated.error());
  if (!authenticated->ok()) return Made{.step = {*authenticated, "management key"}, .key = {}, .attestation = {}};
  auto made = management.generate(slot, type, {.pin = static_cast<Byte>(request.pin_policy), .touch = static_cast<Byte>(request.touch_policy)});
  // The key may have been made when the card was lost here; it is not made twice by itself.
  if (!made) return std::unexpected(made.error() == Loss::reset ? Loss::busy : made.error());
  if (!made->status.ok()) return Made{.step = {made->status, "a new key"}, .key = {}, .attestation = {}};
  Made result{.step = {}, .key = std::move(made->data), .attestation = {}};
  auto attestation = management.attest(slot);
  if (!attestation || !attestation->status.ok()) return result;  // a card that can't: the key is none the worse
  result.attestation = std::move(attestation->data);
  return result;
}

Reply reply_to(const Step& step) { return Failed{.failure = Failure::internal, .retries = {}, .detail = step.what + ": " + words_of(step.status)}; }

struct Replaced {
  std::optional<Secret> pin, puk, key;  // the new ones, on the wire; nothing: stays
};

std::expected<Step, Loss> install(Application& application, const Before& before, const Secret& key, const CardInstall& request, const Replaced& fresh) {
  Management& management = *application.management();
  const auto step = [](std::expected<Status, Loss> status, std::string what) -> std::expected<Step, Loss> {
    if (!status) return std::unexpected(status.error() == Loss::reset ? Loss::busy : status.error());
    return Step{*status, std::move(what)};
  };
  auto done = step(authenticate(management, before, key), "management key");
  const auto go_on = [&](auto&& next, std::string what) {
    if (done && done->status.ok()) done = step(next(), std::move(what));
  };
  if (fresh.pin) go_on([&] { return application.change_pin(factory_pin(), *fresh.pin); }, "new PIN");
  if (fresh.puk)
    go_on([&]() -> std::expected<Status, Loss> {
      const auto changed = application.change_puk(factory_puk(), *fresh.puk);
      if (!changed) return std::unexpected(changed.error());
      return changed->value_or(Status{0x9000});
    }, "new PUK");
  go_on([&] { return management.put(piv::slot_named(request.slot)->certificate, piv::certificate_object(request.certificate)); }, "certificate");
  if (!request.chuid.empty()) go_on([&] { return management.put(chuid_object, request.chuid); }, "CHUID");
  if (!request.capabilities.empty()) go_on([&] { return management.put(capability_object, request.capabilities); }, "CCC");
  if (fresh.key) go_on([&] { return management.set_key(cipher_of(before), *fresh.key); }, "new management key");
  return done;
}

// Asks for what replaces the factory's.
std::expected<Replaced, Failed> ask_replacements(const Before& before, Interaction& interaction, const Deadline& deadline) {
  Replaced fresh;
  if (before.pin_factory) {
    const auto pin = ask(interaction, Prompt{.kind = PromptKind::new_pin, .retries = before.tries, .again = false, .min_length = piv::shortest_pin}, deadline);
    if (!pin) return std::unexpected(pin.error());
    fresh.pin = piv::padded_pin(pin->expose());
    if (!fresh.pin) return std::unexpected(Failed{.failure = Failure::pin_refused, .retries = before.tries, .detail = {}});
  }
  if (before.puk_factory) {
    const auto puk = ask(interaction, Prompt{.kind = PromptKind::new_puk, .min_length = piv::shortest_pin}, deadline);
    if (!puk) return std::unexpected(puk.error());
    fresh.puk = piv::padded_pin(puk->expose());
    if (!fresh.puk) return std::unexpected(Failed{.failure = Failure::pin_refused, .retries = {}, .detail = {}});
  }
  if (before.key && before.key->factory) {
    auto key = ask(interaction, Prompt{.kind = PromptKind::new_management_key}, deadline);
    if (!key) return std::unexpected(key.error());
    if (key->size() != crypto::key_size(cipher_of(before))) return std::unexpected(unsupported("the card's management key has another length"));
    fresh.key = std::move(*key);
  }
  return fresh;
}

}  // namespace

Reply generate(Card& card, const CardGenerate& request, Interaction& interaction, const Deadline& deadline) {
  const auto type = piv::type_named(request.algorithm);
  const piv::Slot* const slot = piv::slot_named(request.slot);
  if (!type || slot == nullptr) return unsupported("no such slot or kind of key");
  const auto before = look(card, request.serial, deadline);
  if (!before) return before.error();
  const auto key = find_key(card, *before, interaction, deadline);
  if (!key) return key.error();
  auto made = card.with(Capability::piv, deadline,
                        [&](Application& application, const CardApplet&) {
                          card.reset_after_turn();
                          return make(*application.management(), *before, *key, request, *type, slot->reference);
                        });
  if (!made) return failed(made.error());
  if (!*made) return failed(Loss::removed);
  if (!(*made)->step.status.ok()) return reply_to((*made)->step);
  return reader::CardGenerated{.public_key = std::move((*made)->key), .attestation = std::move((*made)->attestation)};
}

Reply install(Card& card, const CardInstall& request, Interaction& interaction, const Deadline& deadline) {
  if (piv::slot_named(request.slot) == nullptr) return unsupported("no such slot");
  const auto before = look(card, request.serial, deadline);
  if (!before) return before.error();
  const auto key = find_key(card, *before, interaction, deadline);
  if (!key) return key.error();
  const auto fresh = ask_replacements(*before, interaction, deadline);
  if (!fresh) return fresh.error();
  const auto done = card.with(Capability::piv, deadline, [&](Application& application, const CardApplet&) {
    card.reset_after_turn();
    return install(application, *before, *key, request, *fresh);
  });
  card.forget_all();
  if (!done) return failed(done.error());
  if (!*done) return failed(Loss::removed);
  if (!(*done)->status.ok()) return reply_to(**done);
  return reader::CardInstalled{.pin = fresh->pin.has_value(), .puk = fresh->puk.has_value(), .management_key = fresh->key.has_value()};
}

}  // namespace countersign::devices::smartcard
