// SPDX-License-Identifier: Apache-2.0
// Permits for whole lists, and the end of bootstrap.
#include "daemon/api/rights.h"
#include "core/engine/grounds/bootstrap.h"
#include "core/engine/grounds/permits.h"
#include "core/engine/lookup.h"
#include "daemon/api/problem.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

// Users by the names that they have here, whatever the list's spelling: what each row is compared
// with when it is used.
Result<void> own_names(Services& services, api::PermitRequest& request) {
  if (request.kind == engine::users_permit) return {};
  for (std::string& name : request.list) {
    const auto record = TRY(engine::user_named(services.context, name));
    name = record->user.name;
  }
  return {};
}

void permit(Services& services, const http::Call& call, api::WithFresh<api::PermitRequest> request,
            std::move_only_function<void(Result<api::PermitResult>)> then) {
  if (auto named = own_names(services, request); !named)
    return then(std::unexpected(named.error()));
  ChangeParts parts = {{"rows", std::to_string(request.list.size())},
                       {"list", engine::list_digest(request.kind, request.list)}};
  Result<Basis> basis = rest_on(services, call,
                                {.deed = Deed::permit,
                                 .subject = request.kind,
                                 .parts = std::move(parts),
                                 .fresh = std::move(request.fresh),
                                 .recovery = request.recovery});
  if (!basis) return then(std::unexpected(basis.error()));
  engine::make_permit(
      services.context,
      {.caller = call.caller,
       .basis = std::move(*basis),
       .kind = std::move(request.kind),
       .rows = std::move(request.list)},
      [then = std::move(then)](Result<engine::Permit> made) mutable {
        if (made)
          then(api::PermitResult{.id = std::move(made->id), .expires = made->expires});
        else
          then(std::unexpected(made.error()));
      });
}

}  // namespace

std::vector<http::Route> rights_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::WithFresh<api::PermitRequest>, api::PermitResult>(
      {.method = Method::post,
       .path = "/v1/permits",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "One fresh verification for a whole list: good for 8 hours, used up row by row",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::PermitRequest> request,
                             auto then) {
         permit(services, call, std::move(request), std::move(then));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::Nothing>, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/bootstrap/close",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Ends bootstrap for good: from then on changes need a fresh verification",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::Nothing> request,
                             auto then) {
         Result<Basis> basis = rest_on(services, call,
                                       {.deed = Deed::bootstrap_close,
                                        .fresh = std::move(request.fresh),
                                        .recovery = request.recovery});
         if (!basis) return then(std::unexpected(basis.error()));
         engine::close_bootstrap(services.context, call.caller, std::move(*basis),
                                 answer_nothing(std::move(then)));
       }}));
  return rows;
}

}  // namespace countersign::routes
