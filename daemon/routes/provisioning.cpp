// SPDX-License-Identifier: Apache-2.0
// Cards that are issued here: the authority, provisioning, and what the store keeps of each card.
#include <algorithm>
#include <array>
#include <utility>

#include "core/encoding/hex.h"
#include "core/engine/enrollment/card_issuing.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/card_credentials.h"
#include "daemon/api/cards.h"
#include "daemon/api/problem.h"
#include "daemon/api/tap.h"
#include "daemon/api/with_fresh.h"
#include "daemon/ceremonies/card_order.h"
#include "daemon/ceremonies/tap.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

std::chrono::days days_of(const std::optional<int>& wanted, int usual, int most) {
  return std::chrono::days(std::clamp(wanted.value_or(usual), 1, most));
}

api::AuthorityView wire_of(const crypto::Certificate& certificate) {
  return {.certificate = crypto::to_pem("CERTIFICATE", certificate.der()),
          .subject = certificate.subject(),
          .not_after = certificate.not_after()};
}

// As YubiKey numbers them; 0: the slot's own.
Result<std::int64_t> policy_of(const std::optional<std::string>& name,
                               std::array<std::string_view, 3> names) {
  if (!name) return 0;
  const auto found = std::ranges::find(names, *name);
  if (found == names.end())
    return fail(
        Code::invalid,
        "no such policy: a PIN's is never, once or always, a touch's never, always or cached");
  return found - names.begin() + 1;
}

template <class Request>
Result<reader::CardGenerate> wanted_key(const Request& request, const std::string& slot) {
  const auto pin = policy_of(request.pin_policy, {"never", "once", "always"});
  const auto touch = policy_of(request.touch_policy, {"never", "always", "cached"});
  if (!pin) return std::unexpected(pin.error());
  if (!touch) return std::unexpected(touch.error());
  reader::CardGenerate wanted{.serial = {},
                              .slot = slot,
                              .algorithm = request.algorithm.value_or("P-256"),
                              .pin_policy = *pin,
                              .touch_policy = *touch};
  if (wanted.slot != "9a" && wanted.slot != "9c" && wanted.slot != "9e")
    return fail(Code::invalid, "slot must be 9a, 9c or 9e");
  return wanted;
}

// PEM, and nothing else in it that counts.
Result<crypto::Certificate> certificate_in(const std::string& text) {
  auto found = TRY(crypto::Certificate::parse_file(as_bytes(text)));
  if (found.empty()) return fail(Code::invalid, "there is no certificate in it");
  return std::move(found.front());
}

// What provisioning and renewing take alike.
template <class Request>
Result<CardOrder> order_in(const Request& request, const std::string& slot) {
  auto key = TRY(wanted_key(request, slot));
  CardOrder order{.key = std::move(key),
                  .request_only = request.request.value_or(false),
                  .lives = days_of(request.days, 730, 3650),
                  .label = {}};
  if (request.authority.has_value() != request.authority_key.has_value())
    return fail(Code::invalid, "an authority is its certificate and its key");
  if ((order.request_only ? 1 : 0) + (request.certificate ? 1 : 0) + (request.authority ? 1 : 0) >
      1)
    return fail(Code::invalid,
                "the certificate comes from one place: an authority that is given, a request, or "
                "the answer to one");
  if (request.certificate) {
    auto certificate = certificate_in(*request.certificate);
    if (!certificate)
      return fail(Code::invalid, "the certificate can't be read: " + certificate.error().what);
    order.certificate = std::move(*certificate);
    order.new_key = false;
  }
  if (request.management_key) {
    auto octets = formats::hex_decode(request.management_key->expose_text());
    if (!octets || (octets->size() != 16 && octets->size() != 24 && octets->size() != 32))
      return fail(Code::invalid, "a management key is 32, 48 or 64 hexadecimal digits");
    order.management_key = std::make_shared<Secret>(std::move(*octets));
  }
  if (request.authority) {
    const auto certificate = certificate_in(*request.authority);
    if (!certificate)
      return fail(Code::invalid,
                  "the authority's certificate can't be read: " + certificate.error().what);
    auto authority = crypto::CertificateAuthority::load(*certificate, *request.authority_key);
    if (!authority)
      return fail(Code::invalid, "the authority can't be used: " + authority.error().what);
    order.authority = std::move(*authority);
  }
  return order;
}

// Nothing is done to a card before it is known that it can be finished.
Result<void> can_certify(const Services& services, const CardOrder& order) {
  if (order.request_only || order.certificate) return {};
  const auto authority =
      TRY(order.authority ? Result<crypto::CertificateAuthority>(*order.authority)
                          : engine::authority_of(services.context));
  return engine::try_authority(services.context, authority,
                               services.lists ? *services.lists : crypto::RevocationEvidence{});
}

void provision(Services& services, const http::Call& call,
               const api::WithFresh<api::CardProvision>& request,
               std::shared_ptr<http::Stream> stream) {
  auto order = order_in(request, request.slot.value_or("9a"));
  if (!order) return stream->fail(order.error());
  if (const auto user = engine::user_named(services.context, request.user); !user)
    return stream->fail(user.error());
  Result<engine::Grounds> grounds = grounds_for(services, call,
                                                {.user = request.user,
                                                 .kind = Kind::piv,
                                                 .fresh = request.fresh,
                                                 .recovery = request.recovery});
  if (!grounds) return stream->fail(grounds.error());
  order->grounds = std::move(*grounds);
  if (const auto can = can_certify(services, *order); !can) return stream->fail(can.error());
  order->label = request.label.value_or("");
  carry_out(tap_for(services, call, request.user, request.seconds, std::move(stream)),
            request.id == "any" ? std::string() : request.id, std::move(*order));
}

void renew(Services& services, const http::Call& call,
           const api::WithFresh<api::CardRenew>& request, std::shared_ptr<http::Stream> stream) {
  const auto row = engine::authenticator_with_id(services.context, request.id);
  if (!row) return stream->fail(row.error());
  if (row->kind != Kind::piv || row->status != Status::active)
    return stream->fail({Code::invalid, "only PIV cards that are active are renewed"});
  const auto credential = engine::open_card(services.context, *row);
  if (!credential) return stream->fail(credential.error());
  const auto owner = services.context.store.user_by_id(row->user);
  if (!owner) return stream->fail(owner.error());
  auto order = order_in(request, credential->slot);
  if (!order) return stream->fail(order.error());
  const bool new_key = request.new_key.value_or(false);
  // Between the two calls the card would have a key that nobody certified, and its user none.
  if (new_key && (order->request_only || order->certificate))
    return stream->fail({Code::invalid,
                         "a new key is certified at once, or its user could not sign in meanwhile: "
                         "name an authority with its key"});
  if (!new_key && (request.algorithm || request.pin_policy || request.touch_policy))
    return stream->fail({Code::invalid, "the key stays as it is; new_key makes another one"});
  order->new_key = new_key;
  if (const auto can = can_certify(services, *order); !can) return stream->fail(can.error());
  order->renews = *row;
  const Result<Basis> basis = rest_on(services, call,
                                      {.deed = Deed::authenticator_renew,
                                       .subject = request.id,
                                       .concerned = (*owner)->user.name,
                                       .fresh = request.fresh,
                                       .recovery = request.recovery});
  if (!basis) return stream->fail(basis.error());
  carry_out(tap_for(services, call, (*owner)->user.name, request.seconds, std::move(stream)), {},
            std::move(*order));
}

void reveal(Services& services, const http::Call& call,
            const api::WithFresh<api::CardReveal>& request,
            std::move_only_function<void(Result<api::CardSecretsView>)> then) {
  auto rests = rest_on(services, call,
                       {.deed = Deed::card_reveal,
                        .subject = request.serial,
                        .fresh = request.fresh,
                        .recovery = request.recovery});
  if (!rests) return then(std::unexpected(rests.error()));
  engine::reveal_card_secrets(
      services.context, call.caller, request.serial, rests->text(),
      [serial = request.serial,
       then = std::move(then)](Result<engine::CardSecrets> secrets) mutable {
        if (!secrets) return then(std::unexpected(secrets.error()));
        then(api::CardSecretsView{
            .serial = serial,
            .puk = std::move(secrets->puk),
            .management_key = formats::hex_encode_secret(secrets->management_key.expose())});
      });
}

}  // namespace

std::vector<http::Route> provisioning_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::AuthorityView>(
      {.method = Method::get,
       .path = "/v1/authority",
       .privilege = Privilege::audit,
       .summary = "The certificate of the authority that signs cards' certificates",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call&, api::Nothing, auto then) {
         const auto authority = engine::authority_of(services.context);
         if (!authority) return then(std::unexpected(authority.error()));
         then(wire_of(authority->certificate()));
       }}));
  rows.push_back(http::make_route<api::AuthorityCreate, api::AuthorityView>(
      {.method = Method::post,
       .path = "/v1/authority",
       .privilege = Privilege::admin,
       .summary = "Makes that authority, once",
       .failures = {Code::exists},
       .handle = [&services](const http::Call& call, const api::AuthorityCreate& request,
                             auto then) {
         engine::create_authority(
             services.context, call.caller, request.name, days_of(request.days, 3650, 10'000),
             [then = std::move(then)](Result<crypto::Certificate> made) mutable {
               if (!made) return then(std::unexpected(made.error()));
               then(wire_of(*made));
             });
       }}));
  rows.push_back(http::make_stream_route<api::WithFresh<api::CardProvision>, api::TapEvent,
                                         api::CardProvisioned>(
      {.path = "/v1/devices/{id}/provision",
       .privilege = Privilege::admin,
       .summary = "Makes a key on a PIV card, certifies it, replaces what the card has from its "
                  "factory, and binds it to its user",
       .failures = {Code::not_found, Code::exists, Code::timed_out},
       .handle = [&services](const http::Call& call,
                             const api::WithFresh<api::CardProvision>& request,
                             std::shared_ptr<http::Stream> stream) {
         provision(services, call, request, std::move(stream));
       }}));
  rows.push_back(
      http::make_stream_route<api::WithFresh<api::CardRenew>, api::TapEvent, api::CardProvisioned>(
          {.path = "/v1/authenticators/{id}/renew",
           .privilege = Privilege::admin,
           .summary = "Puts a new certificate on a user's PIV card, where it is asked for with a "
                      "new key; the authenticator stays the same",
           .failures = {Code::not_found, Code::exists, Code::timed_out},
           .handle = [&services](const http::Call& call,
                                 const api::WithFresh<api::CardRenew>& request,
                                 std::shared_ptr<http::Stream> stream) {
             renew(services, call, request, std::move(stream));
           }}));
  rows.push_back(http::make_route<api::WithFresh<api::CardReveal>, api::CardSecretsView>(
      {.method = Method::post,
       .path = "/v1/cards/{serial}/reveal",
       .privilege = Privilege::admin,
       .where = http::Where::worker,
       .summary =
           "PUK and management key of a card that was provisioned here; it is recorded who asked",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call& call, const api::WithFresh<api::CardReveal>& request,
                             auto then) { reveal(services, call, request, std::move(then)); }}));
  return rows;
}

}  // namespace countersign::routes
