// SPDX-License-Identifier: Apache-2.0
// A code by SMS or e-mail within a sign-in: bound to it, and worth nothing anywhere else (T09).
#include "core/engine/sign_in/sign_in.h"
#include "daemon/api/codes.h"
#include "daemon/ceremonies/sending.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {
namespace {

struct SignInSend {
  std::string id;
  Kind kind = Kind::sms;
  static api::Fields fields() {
    return {api::Field{"id", &SignInSend::id, "Id of the sign-in", 64},
            api::Field{"kind", &SignInSend::kind,
                       "sms or email: one of the factors that the sign-in offers"}};
  }
};

}  // namespace

std::vector<http::Route> sign_in_code_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<SignInSend, api::SentCode>(
      {.method = http::Method::post,
       .path = "/v1/sign-ins/{id}/code",
       .privilege = http::Privilege::anyone,  // whoever began it: the engine knows its caller
       .summary = "Sends a code that counts in this sign-in alone; the one sent before it expires",
       .failures = {Code::not_found, Code::conflict, Code::exhausted, Code::unavailable,
                    Code::timed_out},
       .handle = [&services](const http::Call& call, const SignInSend& request, auto then) {
         const auto awaited = engine::await_proof(services.context, call.caller, request.id);
         if (!awaited) return then(std::unexpected(awaited.error()));
         const auto shown = engine::show_sign_in(services.context, call.caller, request.id);
         if (!shown) return then(std::unexpected(shown.error()));
         if (!sent(request.kind) || !awaited->kinds.contains(request.kind))
           return then(fail(Code::conflict, "this sign-in does not offer a code by " +
                                                std::string(to_name(request.kind))));
         Caller caller = call.caller;
         caller.service = shown->service;
         send_code(services,
                   {.caller = std::move(caller),
                    .user = awaited->user,
                    .kind = request.kind,
                    .bound_to = shown->id,
                    .digits = awaited->code_length},
                   [then = std::move(then)](Result<SentTo> sent) mutable {
                     if (!sent) return then(std::unexpected(sent.error()));
                     then(sent_code_of(std::move(*sent)));
                   });
       }}));
  return rows;
}

}  // namespace countersign::routes
