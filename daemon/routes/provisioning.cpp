// SPDX-License-Identifier: Apache-2.0
// Cards that are issued here: the authority, provisioning, and what the store keeps of each card.
#include <algorithm>
#include <array>
#include <utility>

#include "core/engine/card_issuing.h"
#include "core/engine/lookup.h"
#include "core/formats/hex.h"
#include "daemon/api/cards.h"
#include "daemon/api/tap.h"
#include "daemon/api/types.h"
#include "daemon/routes/routes.h"
#include "daemon/routes/tap.h"
#include "daemon/tokens/card_objects.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

std::chrono::days days_of(const std::optional<int>& wanted, int usual, int most) { return std::chrono::days(std::clamp(wanted.value_or(usual), 1, most)); }

api::AuthorityView to_wire(const crypto::Certificate& certificate) {
  return {.certificate = crypto::to_pem("CERTIFICATE", certificate.der()), .subject = certificate.subject(), .not_after = certificate.not_after()};
}

// As YubiKey numbers them; 0: the slot's own.
Result<std::int64_t> policy_of(const std::optional<std::string>& name, std::array<std::string_view, 3> names) {
  if (!name) return 0;
  const auto found = std::ranges::find(names, *name);
  if (found == names.end()) return fail(Code::invalid, "no such policy: a PIN's is never, once or always, a touch's never, always or cached");
  return found - names.begin() + 1;
}

Result<reader::CardGenerate> wanted_key(const api::CardProvision& request) {
  const auto pin = policy_of(request.pin_policy, {"never", "once", "always"});
  const auto touch = policy_of(request.touch_policy, {"never", "always", "cached"});
  if (!pin) return std::unexpected(pin.error());
  if (!touch) return std::unexpected(touch.error());
  reader::CardGenerate wanted{.serial = {}, .slot = request.slot.value_or("9a"), .algorithm = request.algorithm.value_or("P-256"), .pin_policy = *pin, .touch_policy = *touch};
  if (wanted.slot != "9a" && wanted.slot != "9c" && wanted.slot != "9e") return fail(Code::invalid, "slot must be 9a, 9c or 9e");
  return wanted;
}

// One card on its way. Each step runs on the loop's thread.
struct Provisioning {
  std::shared_ptr<Tap> tap;
  reader::CardGenerate wanted;
  std::chrono::days lives;
  std::string device;  // as asked for; then the one that it is
  std::string model, serial;
  bool has_chuid = false;
  std::shared_ptr<engine::CardSecrets> secrets;
  api::CardProvisioned answer = {};
};
using Shared = std::shared_ptr<Provisioning>;

void give_up(const Provisioning& card, const Error& error) { card.tap->stream->fail(error); }
void give_up(const Provisioning& card, const tokens::Failed& failed) { card.tap->stream->fail(error_of(failed)); }

// As YubiKeys leave the factory: 01 to 08, three times.
Secret factory_key() {
  Secret key(24);
  for (std::size_t i = 0; i < key.size(); ++i) key.expose_mutable()[i] = static_cast<Byte>(1 + i % 8);
  return key;
}

// What the store keeps answers the card's questions; the PIN is the person's.
std::optional<Secret> answer_to(const Provisioning& card, const reader::Prompt& prompt) {
  if (prompt.kind == reader::PromptKind::management_key) return prompt.again ? factory_key() : card.secrets->management_key.copy();
  if (prompt.kind == reader::PromptKind::new_management_key) return card.secrets->management_key.copy();
  if (prompt.kind == reader::PromptKind::new_puk) return card.secrets->puk.copy();
  return std::nullopt;
}

tokens::Plan plan_for(const Shared& card, reader::Request request) {
  tokens::Plan plan{.ways = {}, .device = card->device};
  plan.ways.push_back({.needs = {devices::Capability::piv}, .request = std::move(request)});
  if (card->secrets) plan.answer = [card](const reader::Prompt& prompt) { return answer_to(*card, prompt); };
  return plan;
}

const devices::CardApplet* piv_of(const tokens::Outcome& outcome) {
  if (!outcome.card) return nullptr;
  const auto found = std::ranges::find(outcome.card->applets, devices::Capability::piv, &devices::CardApplet::kind);
  return found == outcome.card->applets.end() ? nullptr : &*found;
}

// On the loop's thread, from a thread of the store's.
template <class T>
auto on_loop(const Shared& card, std::function<void(const Shared&, T)> next) {
  return [card, next = std::move(next)](Result<T> result) mutable {
    auto held = std::make_shared<Result<T>>(std::move(result));
    card->tap->services.post([card, held, next = std::move(next)] {
      if (!*held) return give_up(*card, held->error());
      next(card, std::move(**held));
    });
  };
}

void install(const Shared& card, const crypto::Certificate& certificate) {
  Services& services = card->tap->services;
  card->answer.certificate = crypto::to_pem("CERTIFICATE", certificate.der());
  card->answer.not_after = certificate.not_after();
  reader::CardInstall request{.serial = card->serial, .slot = card->wanted.slot, .certificate = certificate.der(), .chuid = {}, .capabilities = {}};
  if (!card->has_chuid) {
    request.chuid = tokens::make_chuid(services.context.random, certificate.not_after());
    request.capabilities = tokens::make_capabilities(services.context.random);
  }
  use_tokens(card->tap, plan_for(card, std::move(request)), [card](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    if (!outcome) return give_up(*card, outcome.error());
    const auto* installed = std::get_if<reader::CardInstalled>(&outcome->reply);
    if (installed == nullptr) return give_up(*card, tokens::Failed{.failure = reader::Failure::malformed});
    card->answer.pin_set = installed->pin;
    card->answer.puk_set = installed->puk;
    card->answer.management_key_set = installed->management_key;
    card->tap->stream->finish(api::encode(card->answer));
  });
}

crypto::SignatureAlgorithm signature_of(const std::string& algorithm) {
  if (algorithm == "P-256") return crypto::SignatureAlgorithm::es256;
  if (algorithm == "P-384") return crypto::SignatureAlgorithm::es384;
  return algorithm == "Ed25519" ? crypto::SignatureAlgorithm::eddsa : crypto::SignatureAlgorithm::rs256;
}

// The attestation is only told of when it is about this very key.
bool is_about(const crypto::Certificate& attestation, const crypto::PublicKey& key) {
  const auto attested = attestation.public_key(key.algorithm());
  return attested && attested->same_key(key);
}

void certify(const Shared& card, const reader::CardGenerated& made) {
  auto key = crypto::PublicKey::from_spki(signature_of(card->wanted.algorithm), made.public_key);
  if (!key) return give_up(*card, key.error());
  const auto attestation = made.attestation.empty() ? Result<crypto::Certificate>(fail(Code::not_found, {})) : crypto::Certificate::parse(made.attestation);
  const bool attested = attestation && is_about(*attestation, *key);
  if (attested) card->answer.attestation = crypto::to_pem("CERTIFICATE", made.attestation);
  engine::issue_card_certificate(card->tap->services.context,
                                 {.caller = card->tap->caller, .user = card->tap->user, .serial = card->serial, .slot = card->wanted.slot, .key = std::move(*key),
                                  .attested = attested, .lives = card->lives},
                                 on_loop<crypto::Certificate>(card, [](const Shared& held, crypto::Certificate certificate) { install(held, certificate); }));
}

void generate(const Shared& card, engine::CardSecrets secrets) {
  card->secrets = std::make_shared<engine::CardSecrets>(std::move(secrets));
  card->wanted.serial = card->serial;
  use_tokens(card->tap, plan_for(card, card->wanted), [card](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    if (!outcome) return give_up(*card, outcome.error());
    const auto* made = std::get_if<reader::CardGenerated>(&outcome->reply);
    if (made == nullptr) return give_up(*card, tokens::Failed{.failure = reader::Failure::malformed});
    certify(card, *made);
  });
}

// First of all, which card is it?
void begin(const Shared& card) {
  use_tokens(card->tap, plan_for(card, reader::CardList{}), [card](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    if (!outcome) return give_up(*card, outcome.error());
    const auto* applet = piv_of(*outcome);
    if (applet == nullptr) return give_up(*card, tokens::Failed{.failure = reader::Failure::unsupported});
    if (applet->serial.empty())
      return give_up(*card, Error{Code::invalid, "the card tells no serial number, so its keys can't be kept for it: provision it with its maker's program, and enrol it then"});
    card->device = outcome->device.id;
    card->model = outcome->device.model;
    card->serial = applet->serial;
    card->has_chuid = !applet->id.empty();
    card->answer = {.device = card->device, .model = card->model, .serial = card->serial, .slot = card->wanted.slot, .algorithm = card->wanted.algorithm, .certificate = {}, .attestation = {}};
    engine::keep_card_secrets(card->tap->services.context, card->tap->caller, card->serial,
                              on_loop<engine::CardSecrets>(card, [](const Shared& held, engine::CardSecrets secrets) { generate(held, std::move(secrets)); }));
  });
}

void provision(Services& services, const http::Call& call, const api::CardProvision& request, std::shared_ptr<http::Stream> stream) {
  auto wanted = wanted_key(request);
  if (!wanted) return stream->fail(wanted.error());
  // Nothing is done to a card before it is known that it can be finished.
  if (const auto user = engine::user_named(services.context, request.user); !user) return stream->fail(user.error());
  if (const auto authority = engine::authority_of(services.context); !authority) return stream->fail(authority.error());
  const auto card = std::make_shared<Provisioning>();
  card->tap = std::make_shared<Tap>(Tap{.services = services, .stream = std::move(stream), .caller = call.caller, .user = request.user, .budget = budget_of(request.seconds)});
  card->wanted = std::move(*wanted);
  card->lives = days_of(request.days, 730, 3650);
  card->device = request.id == "any" ? std::string() : request.id;
  begin(card);
}

void reveal(Services& services, const http::Call& call, const api::CardSerial& request, std::move_only_function<void(Result<api::CardSecretsView>)> then) {
  engine::reveal_card_secrets(services.context, call.caller, request.serial, [serial = request.serial, then = std::move(then)](Result<engine::CardSecrets> secrets) mutable {
    if (!secrets) return then(std::unexpected(secrets.error()));
    std::string key = formats::hex_encode(secrets->management_key.expose());
    api::CardSecretsView view{.serial = serial, .puk = std::move(secrets->puk), .management_key = Secret(std::string_view(key))};
    wipe(key);
    then(std::move(view));
  });
}

}  // namespace

std::vector<http::Route> provisioning_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::AuthorityView>({.method = Method::get,
                                                                     .path = "/v1/authority",
                                                                     .privilege = Privilege::audit,
                                                                     .summary = "The certificate of the authority that signs cards' certificates",
                                                                     .failures = {Code::not_found},
                                                                     .handle = [&services](const http::Call&, api::Nothing, auto then) {
                                                                       const auto authority = engine::authority_of(services.context);
                                                                       if (!authority) return then(std::unexpected(authority.error()));
                                                                       then(to_wire(authority->certificate()));
                                                                     }}));
  rows.push_back(http::make_route<api::AuthorityCreate, api::AuthorityView>(
      {.method = Method::post,
       .path = "/v1/authority",
       .privilege = Privilege::admin,
       .summary = "Makes that authority, once",
       .failures = {Code::exists},
       .handle = [&services](const http::Call& call, const api::AuthorityCreate& request, auto then) {
         engine::create_authority(services.context, call.caller, request.name, days_of(request.days, 3650, 10'000), [then = std::move(then)](Result<crypto::Certificate> made) mutable {
           if (!made) return then(std::unexpected(made.error()));
           then(to_wire(*made));
         });
       }}));
  rows.push_back(http::make_stream_route<api::CardProvision, api::TapEvent, api::CardProvisioned>(
      {.path = "/v1/devices/{id}/provision",
       .privilege = Privilege::admin,
       .summary = "Makes a key on a PIV card, certifies it, and replaces what the card has from its factory",
       .failures = {Code::not_found, Code::exists, Code::timed_out},
       .handle = [&services](const http::Call& call, const api::CardProvision& request, std::shared_ptr<http::Stream> stream) {
         provision(services, call, request, std::move(stream));
       }}));
  rows.push_back(http::make_route<api::CardSerial, api::CardSecretsView>(
      {.method = Method::post,
       .path = "/v1/cards/{serial}/reveal",
       .privilege = Privilege::admin,
       .summary = "PUK and management key of a card that was provisioned here; it is recorded who asked",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call& call, const api::CardSerial& request, auto then) { reveal(services, call, request, std::move(then)); }}));
  return rows;
}

}  // namespace countersign::routes
