// SPDX-License-Identifier: Apache-2.0
// The daemon as the relying party of web applications: options out, responses in. The application
// carries both between browser and here; it is the caller (a verifier), and its user named or found
// by passkey.
#include "daemon/api/webauthn.h"
#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/security_key.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/verification.h"
#include "daemon/api/with_fresh.h"
#include "daemon/ceremonies/typed_code.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/authenticator_view.h"
#include "daemon/views/verdict_view.h"
#include "daemon/views/webauthn_view.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

using ThenCreation = std::move_only_function<void(Result<api::WebauthnCreation>)>;

void begin_registration(Services& services, const Caller& caller,
                        const api::WebauthnRegister& request, engine::Grounds grounds,
                        ThenCreation then) {
  engine::begin_registration(
      services.context,
      {.caller = caller,
       .user = request.user,
       .label = request.label.value_or(""),
       .discoverable = request.discoverable.value_or(false),
       .uv = request.uv.value_or(webauthn::UserVerification::preferred),
       .grounds = std::move(grounds)},
      [&services, attestation = request.attestation.value_or(webauthn::Conveyance::none),
       then = std::move(then)](Result<engine::RegistrationOptions> options) mutable {
        if (!options) return then(std::unexpected(options.error()));
        then(creation_options(services.context, *options, attestation));
      });
}

// Users who enrol themselves show first that it is really them.
void begin_after_code(Services& services, const Caller& caller, api::WebauthnRegister request,
                      ThenCreation then) {
  if (!request.code)
    return then(fail(Code::not_permitted,
                     "to enrol for yourself, give a code of an authenticator that you have; the "
                     "first one is made by an administrator"));
  const Secret typed = request.code->copy();
  std::string user = request.user;
  verify_oneself(services, caller, std::move(user), typed,
                 [&services, caller, request = std::move(request),
                  then = std::move(then)](Result<engine::Grounds> grounds) mutable {
                   if (grounds)
                     begin_registration(services, caller, request, std::move(*grounds),
                                        std::move(then));
                   else
                     then(std::unexpected(grounds.error()));
                 });
}

void begin_for(Services& services, const http::Call& call,
               api::WithFresh<api::WebauthnRegister> request, ThenCreation then) {
  if (!call.standing.admin || (request.code && call.standing.user == request.user))
    return begin_after_code(services, call.caller, std::move(request), std::move(then));
  Result<engine::Grounds> grounds = grounds_for(services, call,
                                                {.user = request.user,
                                                 .kind = Kind::fido2,
                                                 .fresh = std::move(request.fresh),
                                                 .recovery = request.recovery});
  if (grounds)
    begin_registration(services, call.caller, request, std::move(*grounds), std::move(then));
  else
    then(std::unexpected(grounds.error()));
}

void finish_registration(Services& services, const Caller& caller,
                         const api::WebauthnRegistered& request,
                         std::move_only_function<void(Result<api::AuthenticatorView>)> then) {
  Result<engine::FinishRegistration> wanted = from_wire(caller, request.id, request.credential);
  if (!wanted) return then(std::unexpected(wanted.error()));
  engine::finish_registration(
      services.context, std::move(*wanted),
      [&services, then = std::move(then)](Result<AuthenticatorId> bound) mutable {
        if (!bound) return then(std::unexpected(bound.error()));
        then(view_of(services, *bound));
      });
}

void finish_authentication(Services& services, const http::Call& call,
                           const api::WebauthnAuthenticated& request,
                           std::move_only_function<void(Result<api::VerifyResult>)> then) {
  Result<engine::FinishAssertion> wanted = from_wire(call.caller, request.id, request.credential);
  if (!wanted) return then(std::unexpected(wanted.error()));
  engine::finish_assertion(
      services.context, std::move(*wanted),
      [&services, tell = call.standing.verifies_others(),
       then = std::move(then)](const Verdict& verdict) mutable {
        std::string user = verdict.user();
        if (user.empty() && verdict.verified()) {
          const auto bound = services.context.store.authenticator(verdict.authenticator());
          const auto record = bound ? services.context.store.user_by_id(bound->user)
                                    : std::unexpected(bound.error());
          if (record) user = (*record)->user.name;
        }
        then(to_wire(verdict, std::move(user), tell));
      });
}

}  // namespace

std::vector<http::Route> webauthn_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::WithFresh<api::WebauthnRegister>, api::WebauthnCreation>(
      {.method = Method::post,
       .path = "/v1/webauthn/registrations",
       .privilege = Privilege::self,
       .summary = "Begins to bind a security key or passkey in a browser: "
                  "PublicKeyCredentialCreationOptionsJSON",
       .failures = {Code::not_found, Code::exhausted},
       .subject = [](const api::WithFresh<api::WebauthnRegister>& request) { return request.user; },
       .handle =
           [&services](const http::Call& call, api::WithFresh<api::WebauthnRegister> request,
                       auto then) {
             begin_for(services, call, std::move(request), std::move(then));
           }}));
  rows.push_back(http::make_route<api::WebauthnRegistered, api::AuthenticatorView>(
      {.method = Method::post,
       .path = "/v1/webauthn/registrations/{id}",
       .privilege = Privilege::anyone,  // whoever began it: the challenge is bound to its caller
       .summary = "Judges the browser's response (WebAuthn L3 §7.1) and binds the credential",
       .failures = {Code::not_found, Code::exists},
       .handle = [&services](const http::Call& call, const api::WebauthnRegistered& request,
                             auto then) {
         finish_registration(services, call.caller, request, std::move(then));
       }}));
  rows.push_back(http::make_route<api::WebauthnAuthenticate, api::WebauthnRequest>(
      {.method = Method::post,
       .path = "/v1/webauthn/authentications",
       .privilege = Privilege::verify,
       .summary = "Begins to verify in a browser: PublicKeyCredentialRequestOptionsJSON",
       .failures = {},
       .subject =
           [](const api::WebauthnAuthenticate& request) { return request.user.value_or(""); },
       .service =
           [](const api::WebauthnAuthenticate& request) { return request.service.value_or(""); },
       .handle =
           [&services](const http::Call& call, api::WebauthnAuthenticate request, auto then) {
             const bool tell = call.standing.verifies_others();
             engine::begin_assertion(
                 services.context,
                 {.caller = call.caller,
                  .user = std::move(request.user),
                  .uv = request.uv.value_or(webauthn::UserVerification::preferred)},
                 [&services, tell, then = std::move(then)](
                     std::expected<engine::AssertionOptions, Verdict> options) mutable {
                   if (options) return then(request_options(services.context, *options));
                   const api::VerifyResult denied = to_wire(options.error(), "", tell);
                   then(api::WebauthnRequest{.id = {},
                                             .verdict = denied.verdict,
                                             .reason = denied.reason,
                                             .public_key = {}});
                 });
           }}));
  rows.push_back(http::make_route<api::WebauthnAuthenticated, api::VerifyResult>(
      {.method = Method::post,
       .path = "/v1/webauthn/authentications/{id}",
       .privilege = Privilege::anyone,  // whoever began it
       .summary = "Judges the browser's response (WebAuthn L3 §7.2)",
       .failures = {},
       .service =
           [](const api::WebauthnAuthenticated& request) { return request.service.value_or(""); },
       .handle =
           [&services](const http::Call& call, const api::WebauthnAuthenticated& request,
                       auto then) {
             finish_authentication(services, call, request, std::move(then));
           }}));
  return rows;
}

}  // namespace countersign::routes
