// SPDX-License-Identifier: Apache-2.0
// Fresh verifications of administrators: by a code, or by a key at this machine.
#include "daemon/api/sign_in.h"
#include "daemon/api/tap.h"
#include "daemon/ceremonies/tap.h"
#include "daemon/ceremonies/typed_code.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

struct FreshTapRequest {
  std::string user, change;
  std::optional<int> seconds;
  std::optional<bool> here;
  static api::Fields fields() {
    return {
        api::Field{"user", &FreshTapRequest::user, "The user who verifies", 128},
        api::Field{"change", &FreshTapRequest::change, "For which change", 1024},
        api::Field{"seconds", &FreshTapRequest::seconds, "How long to wait for the user"},
        api::Field{"here", &FreshTapRequest::here, "At this machine's own seat; root's to say"}};
  }
};

Result<api::FreshResult> hold(Services& services, const Caller& caller, const std::string& user,
                              const Verdict& verdict, const std::string& change) {
  const auto fresh = TRY(engine::hold_fresh(services.context, caller, user, verdict, change));
  return api::FreshResult{.id = fresh.id, .expires = fresh.expires};
}

void by_tap(Services& services, const http::Call& call, FreshTapRequest request,
            std::shared_ptr<http::Stream> stream) {
  if (!caller_is_here(services, call, request.here))
    return stream->fail(
        {Code::not_permitted, "keys can be used only at this machine's own seat; give a code"});
  auto tap = tap_for(services, call, request.user, request.seconds, std::move(stream));
  verify_by_tap(tap, request.user, webauthn::UserVerification::preferred,
                [tap, &services, request](TapVerified result) {
                  const auto fresh =
                      hold(services, tap->caller, request.user, result.verdict, request.change);
                  if (fresh)
                    tap->stream->finish(api::encode(*fresh));
                  else
                    tap->stream->fail(fresh.error());
                });
}

}  // namespace

std::vector<http::Route> fresh_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::FreshRequest, api::FreshResult>(
      {.method = Method::post,
       .path = "/v1/fresh-verifications",
       .privilege = Privilege::self,
       .summary =
           "Verifies a user for one change, by a code: good for that change, once, for 5 minutes",
       .failures = {Code::not_found, Code::exhausted},
       .subject = [](const api::FreshRequest& request) { return request.user; },
       .service = [](const api::FreshRequest&) { return std::string("fresh verification"); },
       .handle =
           [&services](const http::Call& call, api::FreshRequest request, auto then) {
             const Secret code = std::move(request.code);
             std::string user = request.user;
             verify_typed_code(
                 services, call.caller, std::move(user), code,
                 [&services, caller = call.caller, request = std::move(request),
                  then = std::move(then)](Result<Verdict> verdict) mutable {
                   if (!verdict) return then(std::unexpected(verdict.error()));
                   then(hold(services, caller, request.user, *verdict, request.change));
                 });
           }}));
  rows.push_back(http::make_stream_route<FreshTapRequest, api::TapEvent, api::FreshResult>(
      {.path = "/v1/fresh-verifications/tap",
       .privilege = Privilege::self,
       .summary = "The same by a security key at this machine",
       .failures = {Code::not_found, Code::exhausted},
       .subject = [](const FreshTapRequest& request) { return request.user; },
       .handle =
           [&services](const http::Call& call, FreshTapRequest request,
                       std::shared_ptr<http::Stream> stream) {
             by_tap(services, call, std::move(request), std::move(stream));
           }}));
  return rows;
}

}  // namespace countersign::routes
