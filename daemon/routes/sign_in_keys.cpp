// SPDX-License-Identifier: Apache-2.0
// A browser's key within a sign-in: it verifies, or it is bound where the decision is enroll;
// either lets in.
#include "daemon/api/sign_in_keys.h"
#include "core/engine/enrollment/registration.h"
#include "core/engine/sign_in/sign_in.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/security_key.h"
#include "daemon/api/verification.h"
#include "daemon/routes/routes.h"
#include "daemon/views/sign_in_view.h"
#include "daemon/views/verdict_view.h"
#include "daemon/views/webauthn_view.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

template <class Wire>
using Then = std::move_only_function<void(Result<Wire>)>;

engine::ThenView answer(const http::Call& call, Then<api::SignInResult> then) {
  return [tell = call.standing.verifies_others(),
          then = std::move(then)](Result<engine::SignInView> view) mutable {
    if (view)
      then(to_wire(std::move(*view), tell));
    else
      then(std::unexpected(view.error()));
  };
}

void begin_authentication(Services& services, const http::Call& call, const std::string& id,
                          Then<api::WebauthnRequest> then) {
  engine::Context& context = services.context;
  const auto awaited = engine::await_proof(context, call.caller, id);
  if (!awaited) return then(std::unexpected(awaited.error()));
  if (!awaited->kinds.contains(Kind::fido2))
    return then(fail(Code::conflict, "no security key is among the factors of this sign-in"));
  engine::begin_assertion(
      context, {.caller = call.caller, .user = awaited->user, .uv = awaited->uv},
      [&context, tell = call.standing.verifies_others(),
       then = std::move(then)](std::expected<engine::AssertionOptions, Verdict> options) mutable {
        if (options) return then(request_options(context, *options));
        const api::VerifyResult denied = to_wire(options.error(), "", tell);
        then(api::WebauthnRequest{
            .id = {}, .verdict = denied.verdict, .reason = denied.reason, .public_key = {}});
      });
}

void finish_authentication(Services& services, const http::Call& call,
                           const api::SignInAuthenticated& request, Then<api::SignInResult> then) {
  engine::Context& context = services.context;
  Result<engine::FinishAssertion> wanted =
      from_wire(call.caller, request.challenge, request.credential);
  if (!wanted) return then(std::unexpected(wanted.error()));
  if (const auto awaited = engine::await_proof(context, call.caller, request.id); !awaited)
    return then(std::unexpected(awaited.error()));
  engine::finish_assertion(
      context, std::move(*wanted),
      [&context, caller = call.caller, id = request.id, remember = request.remember.value_or(true),
       then = answer(call, std::move(then))](Verdict verdict) mutable {
        engine::conclude_sign_in(context, std::move(caller), id, std::move(verdict), remember,
                                 std::move(then));
      });
}

void begin_registration(Services& services, const http::Call& call,
                        const api::SignInRegister& request, Then<api::WebauthnCreation> then) {
  engine::Context& context = services.context;
  const auto awaited = engine::await_enrollment(context, call.caller, request.id, Kind::fido2);
  if (!awaited) return then(std::unexpected(awaited.error()));
  engine::begin_registration(
      context,
      {.caller = call.caller,
       .user = awaited->user,
       .label = request.label.value_or(""),
       .discoverable = request.discoverable.value_or(false),
       .uv = awaited->uv,
       .grounds = awaited->grounds},
      [&context, attestation = request.attestation.value_or(webauthn::Conveyance::none),
       then = std::move(then)](Result<engine::RegistrationOptions> options) mutable {
        if (options)
          then(creation_options(context, *options, attestation));
        else
          then(std::unexpected(options.error()));
      });
}

void finish_registration(Services& services, const http::Call& call,
                         const api::SignInRegistered& request, Then<api::SignInResult> then) {
  engine::Context& context = services.context;
  Result<engine::FinishRegistration> wanted =
      from_wire(call.caller, request.challenge, request.credential);
  if (!wanted) return then(std::unexpected(wanted.error()));
  if (const auto awaited = engine::await_enrollment(context, call.caller, request.id, Kind::fido2);
      !awaited)
    return then(std::unexpected(awaited.error()));
  engine::finish_registration(
      context, std::move(*wanted),
      [&context, caller = call.caller, id = request.id, remember = request.remember.value_or(true),
       then = answer(call, std::move(then))](Result<AuthenticatorId> bound) mutable {
        if (bound)
          engine::conclude_enrolled(context, std::move(caller), id, *bound, remember,
                                    std::move(then));
        else
          then(std::unexpected(bound.error()));
      });
}

}  // namespace

std::vector<http::Route> sign_in_key_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::SignInId, api::WebauthnRequest>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/authentications",
       .privilege = Privilege::anyone,  // whoever began the sign-in
       .summary =
           "Begins to verify in a browser within a sign-in: PublicKeyCredentialRequestOptionsJSON",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const api::SignInId& request, auto then) {
         begin_authentication(services, call, request.id, std::move(then));
       }}));
  rows.push_back(http::make_route<api::SignInAuthenticated, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/authentications/{challenge}",
       .privilege = Privilege::anyone,
       .summary = "Judges the browser's response (WebAuthn L3 §7.2), which lets in",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const api::SignInAuthenticated& request,
                             auto then) {
         finish_authentication(services, call, request, std::move(then));
       }}));
  rows.push_back(http::make_route<api::SignInRegister, api::WebauthnCreation>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/registrations",
       .privilege = Privilege::anyone,
       .summary = "Begins to bind a browser's key within a sign-in that says enroll, or in which "
                  "the user just verified",
       .failures = {Code::not_found, Code::conflict, Code::exhausted},
       .handle = [&services](const http::Call& call, const api::SignInRegister& request,
                             auto then) {
         begin_registration(services, call, request, std::move(then));
       }}));
  rows.push_back(http::make_route<api::SignInRegistered, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/registrations/{challenge}",
       .privilege = Privilege::anyone,
       .summary =
           "Judges the browser's response (WebAuthn L3 §7.1) and binds the key, which lets in",
       .failures = {Code::not_found, Code::conflict, Code::exists},
       .handle = [&services](const http::Call& call, const api::SignInRegistered& request,
                             auto then) {
         finish_registration(services, call, request, std::move(then));
       }}));
  return rows;
}

}  // namespace countersign::routes
