// SPDX-License-Identifier: Apache-2.0
// YubiKeys whose secret another server has.
#include <utility>

#include "daemon/api/authenticators.h"
#include "daemon/api/otp_validation.h"
#include "daemon/api/with_fresh.h"
#include "daemon/ceremonies/otp_evidence.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/authenticator_view.h"

namespace countersign::routes {
namespace {

void enroll(Services& services, const Caller& caller, api::EnrollElsewhere request,
            engine::Grounds grounds,
            std::move_only_function<void(Result<api::AuthenticatorView>)> then) {
  if (services.otp_servers == nullptr)
    return then(fail(Code::conflict,
                     "no validation servers are configured: [yubico_otp] in the daemon's "
                     "configuration names them (countersign.toml(5))"));
  const auto code = parse_code(request.code.expose_text());
  if (!code) return then(std::unexpected(code.error()));
  auto question = engine::first_question_about(services.context, services.otp_servers->service(),
                                               code->text.expose_text());
  if (!question) return then(std::unexpected(question.error()));
  ask_servers(
      services, std::move(*question),
      [&services, caller, request = std::move(request), grounds = std::move(grounds),
       then = std::move(then)](const std::shared_ptr<const engine::OtpEvidence>& evidence) mutable {
        engine::enroll_elsewhere(
            services.context,
            {.caller = std::move(caller),
             .user = std::move(request.user),
             .label = request.label.value_or(""),
             .evidence = *evidence,
             .grounds = std::move(grounds)},
            [&services, then = std::move(then)](Result<AuthenticatorId> bound) mutable {
              if (!bound) return then(std::unexpected(bound.error()));
              then(view_of(services, *bound));
            });
      });
}

}  // namespace

std::vector<http::Route> otp_validation_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::WithFresh<api::EnrollElsewhere>, api::AuthenticatorView>(
      {.method = http::Method::post,
       .path = "/v1/enrollments/validated-elsewhere",
       .privilege = http::Privilege::admin,
       .summary = "Binds a YubiKey that was programmed elsewhere: the configured servers validate "
                  "what it types",
       .failures = {Code::not_found, Code::exists, Code::conflict, Code::unavailable},
       .handle = [&services](const http::Call& call, api::WithFresh<api::EnrollElsewhere> request,
                             auto then) {
         Result<engine::Grounds> grounds = grounds_for(services, call,
                                                       {.user = request.user,
                                                        .kind = Kind::yubico_otp,
                                                        .parts = {{"validated", "elsewhere"}},
                                                        .fresh = std::move(request.fresh),
                                                        .recovery = request.recovery});
         if (!grounds) return then(std::unexpected(grounds.error()));
         enroll(services, call.caller, std::move(request), std::move(*grounds), std::move(then));
       }}));
  return rows;
}

}  // namespace countersign::routes
