// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/yubico_otp.h"
#include "daemon/api/verification.h"
#include "daemon/ceremonies/otp_evidence.h"
#include "daemon/ceremonies/typed_code.h"
#include "daemon/routes/routes.h"
#include "daemon/services/login_name.h"
#include "daemon/views/verdict_view.h"

namespace countersign::routes {

using http::Method;
using http::Privilege;

namespace {

// Without a user: only what a YubiKey types says whose it is.
void verify_unnamed(Services& services, Caller caller, const Secret& typed, bool tell,
                    std::move_only_function<void(Result<api::VerifyResult>)> then) {
  Result<TypedCode> code = parse_code(typed.expose_text());
  if (!code) return then(std::unexpected(code.error()));
  if (code->form != CodeForm::yubico_otp)
    return then(
        fail(Code::invalid,
             "the user is missing: only the one-time password of a YubiKey says whose it is"));
  auto question = otp_question(services, std::nullopt, *code);
  auto run = [&services, tell, caller = std::move(caller), text = std::move(code->text),
              then = std::move(then)](std::shared_ptr<const engine::OtpEvidence> evidence) mutable {
    engine::verify_otp(services.context,
                       {.caller = std::move(caller),
                        .user = {},
                        .typed = std::move(text),
                        .tag = 0,
                        .evidence = std::move(evidence)},
                       [tell, then = std::move(then)](engine::OtpVerdict said) mutable {
                         then(to_wire(said.verdict, said.verdict.user(), tell));
                       });
  };
  with_otp_evidence(services, std::move(question), std::nullopt, std::move(run));
}

}  // namespace

std::vector<http::Route> verification_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::VerifyRequest, api::VerifyResult>(
      {.method = Method::post,
       .path = "/v1/verifications",
       .privilege = Privilege::verify,
       .summary = "Verifies a code: one-time password or backup code",
       .failures = {},
       .subject =
           [&services](const api::VerifyRequest& request) {
             return request.user ? user_named_by(services, *request.user) : std::string();
           },
       .service = [](const api::VerifyRequest& request) { return request.service.value_or(""); },
       .handle =
           [&services](const http::Call& call, api::VerifyRequest request, auto then) {
             const bool tell = call.standing.verifies_others();
             if (!request.user)
               return verify_unnamed(services, call.caller, request.code, tell, std::move(then));
             std::string user = user_named_by(services, std::move(*request.user));
             auto answer = [tell, user, then = std::move(then)](Result<Verdict> verdict) mutable {
               if (!verdict) return then(std::unexpected(verdict.error()));
               then(to_wire(*verdict, std::move(user), tell));
             };
             if (request.challenge)
               verify_sent_code(services, call.caller, std::move(user), request.code,
                                {.challenge = std::move(*request.challenge), .bound_to = {}},
                                std::move(answer));
             else
               verify_any_code(services, call.caller, std::move(user), request.code,
                               std::move(answer));
           }}));
  return rows;
}

}  // namespace countersign::routes
