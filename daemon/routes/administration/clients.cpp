// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/clients.h"
#include "core/encoding/base64.h"
#include "core/engine/administration/validation_clients.h"
#include "daemon/api/problem.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

api::ClientView wire_of(const engine::ValidationClient& client) {
  api::ClientView view{.id = client.number,
                       .name = client.name,
                       .created = client.created,
                       .revoked = client.revoked,
                       .key = {}};
  if (!client.key.empty()) view.key = formats::base64_encode(client.key.expose());
  return view;
}

}  // namespace

std::vector<http::Route> client_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::ClientList>(
      {.method = Method::get,
       .path = "/v1/clients",
       .privilege = Privilege::admin,
       .summary = "Programs that may ask by Yubico's validation protocol",
       .failures = {},
       .handle = [&services](const http::Call&, api::Nothing, auto then) {
         const auto clients = engine::validation_clients(services.context);
         if (!clients) return then(std::unexpected(clients.error()));
         api::ClientList list;
         for (const engine::ValidationClient& each : *clients)
           list.clients.push_back(wire_of(each));
         then(std::move(list));
       }}));
  rows.push_back(http::make_route<api::ClientAdd, api::ClientView>(
      {.method = Method::post,
       .path = "/v1/clients",
       .privilege = Privilege::admin,
       .summary = "Adds such a program; its key is shown this once",
       .failures = {Code::conflict, Code::exhausted},
       .handle = [&services](const http::Call& call, api::ClientAdd request, auto then) {
         engine::add_validation_client(
             services.context, call.caller, std::move(request.name),
             [then = std::move(then)](Result<engine::ValidationClient> added) mutable {
               if (!added) return then(std::unexpected(added.error()));
               then(wire_of(*added));
             });
       }}));
  rows.push_back(http::make_route<api::ClientRef, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/clients/{id}/revoke",
       .privilege = Privilege::admin,
       .summary = "Refuses such a program from now on, for good",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const api::ClientRef& request, auto then) {
         engine::revoke_validation_client(services.context, call.caller, request.id,
                                          answer_nothing(std::move(then)));
       }}));
  return rows;
}

}  // namespace countersign::routes
