// SPDX-License-Identifier: Apache-2.0
// One sign-in, step by step. Who begins it is admitted here; its further steps are for the same
// caller, whom the engine knows.
#include "core/engine/sign_in/sign_in.h"

#include <algorithm>
#include <array>

#include "core/encoding/base64url.h"
#include "core/engine/sign_in_shared.h"
#include "core/engine/verification/code.h"
#include "core/engine/verification/security_key.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/problem.h"
#include "daemon/api/sign_in.h"
#include "daemon/api/tap.h"
#include "daemon/ceremonies/otp_evidence.h"
#include "daemon/ceremonies/sessions.h"
#include "daemon/ceremonies/tap.h"
#include "daemon/ceremonies/typed_code.h"
#include "daemon/routes/enrollment_view.h"
#include "daemon/routes/routes.h"
#include "daemon/services/login_name.h"
#include "daemon/tokens/here.h"
#include "daemon/views/qr_text.h"
#include "daemon/views/sign_in_view.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

struct SessionEnd {
  std::string session;
  static api::Fields fields() {
    return {api::Field{"session", &SessionEnd::session,
                       "The login session that is over; empty: all (about to suspend)", 64}};
  }
};

struct SignInTap {
  std::string id;
  std::optional<int> seconds;
  std::optional<bool> remember, here;
  static api::Fields fields() {
    return {api::Field{"id", &SignInTap::id, "Id of the sign-in", 64},
            api::Field{"seconds", &SignInTap::seconds, "How long to wait for the user"},
            api::Field{"remember", &SignInTap::remember, "false: not on this computer"},
            api::Field{"here", &SignInTap::here, "At this machine's own seat; root's to say"}};
  }
};

auto answer(bool tell, auto then) {
  return [tell, then = std::move(then)](Result<engine::SignInView> view) mutable {
    if (view)
      then(to_wire(std::move(*view), tell));
    else
      then(std::unexpected(view.error()));
  };
}

// Here and the login session: root's PAM says it; of anybody else the session manager.
engine::BeginSignIn begun_by(const Services& services, const http::Call& call,
                             api::SignInRequest request) {
  engine::BeginSignIn wanted{
      .caller = call.caller,
      .user = user_named_by(services, std::move(request.user)),
      .primary = request.primary,
      .audience = std::move(request.audience).value_or(""),
      .nonce = std::move(request.nonce).value_or(""),
      .receipt = http::Doorkeeper::gets_receipt(call.standing, request.service),
      .session = {},
      .here = caller_is_here(services, call, request.here)};
  const bool root = call.caller.uid == 0;
  if (!root || request.here.value_or(true))
    wanted.session = root && request.session ? std::move(*request.session)
                                             : tokens::local_session(call.process.get());
  if (request.cookie) wanted.cookie = std::string(request.cookie->expose_text());
  return wanted;
}

Result<Bytes> octets(std::string_view field, const std::optional<std::string>& text) {
  if (!text)
    return fail(Code::invalid, "a machine's proof is a cookie, or key, fingerprint and signature");
  auto decoded = formats::base64url_decode(*text);
  if (!decoded) return std::unexpected(api::field_error(field, "is not base64url"));
  return decoded;
}

void prove(Services& services, const http::Call& call, const api::MachineProofRequest& request,
           engine::ThenView then) {
  if (request.cookie)
    return engine::prove_browser(services.context, call.caller, request.id,
                                 std::string(request.cookie->expose_text()), std::move(then));
  engine::HostProof proof;
  for (const auto& [name, text, into] :
       {std::tuple("key", &request.key, &proof.key),
        std::tuple("fingerprint", &request.fingerprint, &proof.fingerprint),
        std::tuple("signature", &request.signature, &proof.signature)}) {
    Result<Bytes> decoded = octets(name, *text);
    if (!decoded) return then(std::unexpected(decoded.error()));
    *into = std::move(*decoded);
  }
  engine::prove_host(services.context, call.caller, request.id, std::move(proof), std::move(then));
}

enum class Awaits { factor, first_code };

Result<TypedCode> parse_in_sign_in(Services& services, const http::Call& call,
                                   const api::SignInVerify& request, Awaits awaits) {
  if (request.challenge) return parse_sent_code(request.code.expose_text());
  if (awaits == Awaits::first_code) return parse_first_code(request.code.expose_text());
  Result<TypedCode> code = parse_code(request.code.expose_text());
  if (code) return code;
  const auto shown = engine::show_sign_in(services.context, call.caller, request.id);
  if (!shown) return code;
  Caller caller = call.caller;
  caller.service = shown->service;
  return parse_typed_code(services, caller, shown->user, shown->id, request.code);
}

// A code, on a worker where its form hashes slowly.
void with_code(Services& services, const http::Call& call, api::SignInVerify request, Awaits awaits,
               auto&& step, engine::ThenView then) {
  Result<TypedCode> code = parse_in_sign_in(services, call, request, awaits);
  if (!code) return then(std::unexpected(code.error()));
  const auto slow = engine::slow(*code) ? std::optional(call.caller.holder()) : std::nullopt;
  std::optional<engine::OtpEvidence> question;
  if (code->form == CodeForm::yubico_otp)
    if (const auto awaited = engine::await_proof(services.context, call.caller, request.id))
      question = otp_question(services, awaited->user, *code);
  auto run = [&services, step,
              wanted = engine::VerifySignIn{.caller = call.caller,
                                            .id = std::move(request.id),
                                            .code = std::move(*code),
                                            .remember = request.remember.value_or(true),
                                            .challenge = request.challenge.value_or("")},
              then = std::move(then)](std::shared_ptr<const engine::OtpEvidence> evidence) mutable {
    wanted.evidence = std::move(evidence);
    step(services.context, std::move(wanted), std::move(then));
  };
  with_otp_evidence(services, std::move(question), slow, std::move(run));
}

void tap(Services& services, const http::Call& call, const SignInTap& request,
         std::shared_ptr<http::Stream> stream) {
  if (!caller_is_here(services, call, request.here))
    return stream->fail({Code::not_permitted, "keys can be used only at this machine's own seat"});
  const auto awaited = engine::await_proof(services.context, call.caller, request.id);
  if (!awaited) return stream->fail(awaited.error());
  if (!awaited->kinds.overlaps(token_kinds))
    return stream->fail(
        {Code::conflict,
         "no security key, card or YubiKey slot is among the factors of this sign-in"});
  auto person = tap_for(services, call, awaited->user, request.seconds, std::move(stream));
  verify_by_tap(
      person, awaited->user, awaited->uv,
      [person, &services, request, tell = call.standing.verifies_others()](TapVerified result) {
        engine::conclude_sign_in(
            services.context, person->caller, request.id, std::move(result.verdict),
            request.remember.value_or(true), [person, tell](Result<engine::SignInView> view) {
              if (view)
                person->stream->finish(api::encode(to_wire(std::move(*view), tell)));
              else
                person->stream->fail(view.error());
            });
      });
}

http::Route begin_route(Services& services) {
  return http::make_route<api::SignInRequest, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins",
       .privilege = Privilege::verify,
       .summary = "Asks what a user needs to get in: allow, verify, enroll or deny",
       .failures = {Code::exhausted, Code::conflict},
       .subject =
           [&services](const api::SignInRequest& request) {
             return user_named_by(services, request.user);
           },
       .service = [](const api::SignInRequest& request) { return request.service; },
       .handle =
           [&services](const http::Call& call, api::SignInRequest request, auto then) {
             const std::string audience = request.audience.value_or("");
             const http::Doorkeeper::Claims claims{.primary = request.primary,
                                                   .user = request.user,
                                                   .service = request.service,
                                                   .audience = audience};
             if (auto may = http::Doorkeeper::admit_claims(call.standing, claims); !may)
               return then(std::unexpected(may.error()));
             engine::begin_sign_in(services.context, begun_by(services, call, std::move(request)),
                                   answer(call.standing.verifies_others(), std::move(then)));
           }});
}

api::SignInEnrollment with_qr(api::EnrollResult result, bool wanted) {
  api::SignInEnrollment enrollment;
  static_cast<api::EnrollResult&>(enrollment) = std::move(result);
  if (!wanted || !enrollment.otpauth) return enrollment;
  if (auto drawn = qr_text(enrollment.otpauth->expose_text())) {
    enrollment.qr = Secret(*drawn);
    wipe(*drawn);
  }
  return enrollment;
}

using ThenEnrolled = std::move_only_function<void(Result<api::SignInEnrollment>)>;

// C1: the user types a number or address, and the first code that comes there confirms it.
void enroll_sent(Services& services, const http::Call& call, api::SignInEnroll request,
                 ThenEnrolled then) {
  Result<engine::AwaitedEnrollment> awaited =
      engine::await_enrollment(services.context, call.caller, request.id, kind_of(request.kind));
  if (!awaited) return then(std::unexpected(awaited.error()));
  engine::EnrollSent wanted{.caller = call.caller,
                            .user = std::move(awaited->user),
                            .kind = kind_of(request.kind),
                            .recipient = std::move(request.to).value_or(""),
                            .label = std::move(request.label).value_or(""),
                            .grounds = std::move(awaited->grounds)};
  send_enrollment_code(
      services, std::move(wanted),
      [&services, caller = call.caller, id = std::move(request.id),
       then = std::move(then)](Result<SentTo> sent) mutable {
        if (!sent) return then(std::unexpected(sent.error()));
        if (auto noted = engine::note_enrollment(services.context, caller, id, sent->challenge);
            !noted)
          return then(std::unexpected(noted.error()));
        then(with_qr(to_wire(std::move(*sent)), false));
      });
}

http::Route enroll_route(Services& services) {
  return http::make_route<api::SignInEnroll, api::SignInEnrollment>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/enrollment",
       .privilege = Privilege::anyone,
       .summary = "Begins to bind an authenticator within a sign-in that says enroll, or in which "
                  "the user just verified",
       .failures = {Code::not_found, Code::conflict, Code::exhausted, Code::unavailable,
                    Code::timed_out},
       .handle = [&services](const http::Call& call, api::SignInEnroll request, auto then) {
         if (sent(kind_of(request.kind)))
           return enroll_sent(services, call, std::move(request), std::move(then));
         if (request.to) return then(fail(Code::invalid, "'to' is for sms and email"));
         const auto shown = engine::show_sign_in(services.context, call.caller, request.id);
         if (!shown) return then(std::unexpected(shown.error()));
         engine::enroll_in_sign_in(
             services.context, call.caller, request.id, kind_of(request.kind),
             request.label.value_or(""),
             [&services, user = shown->user, qr = request.qr.value_or(false),
              then = std::move(then)](Result<engine::Enrollment> begun) mutable {
               if (!begun) return then(std::unexpected(begun.error()));
               auto result = to_wire(services, std::move(user), std::move(*begun));
               if (!result) return then(std::unexpected(result.error()));
               then(with_qr(std::move(*result), qr));
             });
       }});
}

}  // namespace

std::vector<http::Route> sign_in_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(begin_route(services));
  rows.push_back(http::make_route<api::SignInId, api::SignInResult>(
      {.method = Method::get,
       .path = "/v1/sign-ins/{id}",
       .privilege = Privilege::anyone,
       .summary = "Shows what a sign-in waits for, or how it was decided",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call& call, const api::SignInId& request, auto then) {
         answer(call.standing.verifies_others(),
                std::move(then))(engine::show_sign_in(services.context, call.caller, request.id));
       }}));
  rows.push_back(http::make_route<api::MachineProofRequest, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/machine",
       .privilege = Privilege::anyone,
       .summary = "Proves which machine the sign-in comes from; the decision may change by it",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const api::MachineProofRequest& request,
                             auto then) {
         prove(services, call, request, answer(call.standing.verifies_others(), std::move(then)));
       }}));
  rows.push_back(http::make_route<api::SignInVerify, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/verify",
       .privilege = Privilege::anyone,
       .summary = "Verifies a code within a sign-in",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::SignInVerify request, auto then) {
         with_code(services, call, std::move(request), Awaits::factor, engine::verify_sign_in,
                   answer(call.standing.verifies_others(), std::move(then)));
       }}));
  rows.push_back(http::make_stream_route<SignInTap, api::TapEvent, api::SignInResult>(
      {.path = "/v1/sign-ins/{id}/tap",
       .privilege = Privilege::anyone,
       .summary = "Verifies with a security key at this machine within a sign-in",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const SignInTap& request,
                             std::shared_ptr<http::Stream> stream) {
         tap(services, call, request, std::move(stream));
       }}));
  rows.push_back(enroll_route(services));
  rows.push_back(http::make_route<api::SignInVerify, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/enrollment/confirm",
       .privilege = Privilege::anyone,
       .summary = "Binds what was begun with its first code, which lets in",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::SignInVerify request, auto then) {
         with_code(services, call, std::move(request), Awaits::first_code,
                   engine::confirm_in_sign_in,
                   answer(call.standing.verifies_others(), std::move(then)));
       }}));
  rows.push_back(http::make_route<api::SignInId, api::SignInResult>(
      {.method = Method::post,
       .path = "/v1/sign-ins/{id}/skip",
       .privilege = Privilege::anyone,
       .summary = "Goes on without a factor, where policy lets skip; remembered",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const api::SignInId& request, auto then) {
         engine::skip_sign_in(services.context, call.caller, request.id,
                              answer(call.standing.verifies_others(), std::move(then)));
       }}));
  rows.push_back(session_begin_route(services));
  rows.push_back(http::make_route<SessionEnd, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/sessions/end",
       .privilege = Privilege::admin,
       .summary = "Ends the grace of a login session: signed out, token removed, about to suspend",
       .failures = {},
       .handle = [&services](const http::Call&, const SessionEnd& request, auto then) {
         services.context.sign_ins.graces.end(request.session);
         then(api::Nothing{});
       }}));
  return rows;
}

}  // namespace countersign::routes
