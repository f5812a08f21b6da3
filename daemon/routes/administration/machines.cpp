// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/machines.h"

#include "core/engine/lookup.h"
#include "daemon/api/problem.h"
#include "daemon/api/sign_in.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/paging.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

api::KnownMachine wire_of(Services& services, const Machine& machine) {
  api::KnownMachine view{.id = to_text(machine.id),
                         .kind = machine.kind,
                         .status = machine.status,
                         .name = machine.name,
                         .hardware_bound = machine.hardware_bound,
                         .created = machine.created};
  for (const Recognition& each : machine.recognitions) {
    api::RecognitionView recognition{.audience = each.audience,
                                     .user = {},
                                     .by = each.by,
                                     .since = each.since,
                                     .last_used = each.last_used};
    if (each.user)
      if (const auto record = services.context.store.user_by_id(each.user))
        recognition.user = (*record)->user.name;
    view.recognitions.push_back(std::move(recognition));
  }
  return view;
}

Result<api::KnownMachinePage> list(Services& services, const api::MachineQuery& query) {
  const std::size_t limit = TRY(page_limit(query.limit));
  const auto after = TRY(page_after<MachineId>(query.after));
  const auto found = TRY(services.context.store.machines(
      {.after = after, .limit = limit, .kind = query.kind, .status = query.status}));
  api::KnownMachinePage page;
  for (const Machine& machine : found) page.machines.push_back(wire_of(services, machine));
  if (page.machines.size() == limit) page.next = page.machines.back().id;
  return page;
}

void act(Services& services, engine::ActOnMachine wanted,
         std::move_only_function<void(Result<api::KnownMachine>)> then) {
  engine::act_on_machine(services.context, std::move(wanted),
                         [&services, then = std::move(then)](Result<Machine> machine) mutable {
                           if (machine)
                             then(wire_of(services, *machine));
                           else
                             then(std::unexpected(machine.error()));
                         });
}

http::Route act_route(Services& services, engine::MachineAct what, std::string path,
                      std::string summary) {
  return http::make_route<api::WithFresh<api::MachineRef>, api::KnownMachine>(
      {.method = Method::post,
       .path = std::move(path),
       .privilege = Privilege::helpdesk,
       .where = Where::worker,
       .summary = std::move(summary),
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services, what](const http::Call& call, api::WithFresh<api::MachineRef> request,
                                   auto then) {
         const Deed deed =
             what == engine::MachineAct::block ? Deed::machine_block : Deed::machine_forget;
         Result<Basis> basis = rest_on(services, call,
                                       {.deed = deed,
                                        .subject = request.id,
                                        .fresh = std::move(request.fresh),
                                        .recovery = request.recovery});
         if (!basis) return then(std::unexpected(basis.error()));
         act(services,
             {.caller = call.caller,
              .id = std::move(request.id),
              .act = what,
              .name = request.name.value_or(""),
              .basis = basis->text()},
             std::move(then));
       }});
}

}  // namespace

std::vector<http::Route> machine_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::MachineQuery, api::KnownMachinePage>(
      {.method = Method::get,
       .path = "/v1/machines",
       .privilege = Privilege::helpdesk,
       .where = Where::worker,
       .summary = "Lists the machines that people signed in from, and for whom each is recognized",
       .failures = {},
       .handle = [&services](const http::Call&, const api::MachineQuery& query, auto then) {
         then(list(services, query));
       }}));
  rows.push_back(
      act_route(services, engine::MachineAct::forget, "/v1/machines/{id}/forget",
                "Ends what a machine is recognized for; anyone who verifies there starts over"));
  rows.push_back(act_route(services, engine::MachineAct::block, "/v1/machines/{id}/block",
                           "Lets nobody in from a machine"));
  rows.push_back(http::make_route<api::WithFresh<api::MachineRecognize>, api::KnownMachine>(
      {.method = Method::post,
       .path = "/v1/machines/{id}/recognize",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Makes a machine recognized, as if somebody had verified there",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::MachineRecognize> request,
                             auto then) {
         ChangeParts parts;
         if (request.audience) parts.emplace_back("audience", *request.audience);
         if (request.user) parts.emplace_back("user", *request.user);
         Result<Basis> rests = rest_on(services, call,
                                       {.deed = Deed::machine_recognize,
                                        .subject = request.id,
                                        .parts = std::move(parts),
                                        .fresh = std::move(request.fresh),
                                        .recovery = request.recovery});
         if (!rests) return then(std::unexpected(rests.error()));
         act(services,
             {.caller = call.caller,
              .id = std::move(request.id),
              .act = engine::MachineAct::recognize,
              .audience = request.audience.value_or(""),
              .user = request.user.value_or(""),
              .name = request.name.value_or(""),
              .basis = rests->text()},
             std::move(then));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::Nothing>, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/machines/forget",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Ends the recognition of every machine, at once",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::Nothing> request,
                             auto then) {
         Result<Basis> rests = rest_on(services, call,
                                       {.deed = Deed::machine_forget_all,
                                        .fresh = std::move(request.fresh),
                                        .recovery = request.recovery});
         if (!rests) return then(std::unexpected(rests.error()));
         engine::forget_all_machines(services.context, call.caller, rests->text(),
                                     answer_nothing(std::move(then)));
       }}));
  return rows;
}

}  // namespace countersign::routes
