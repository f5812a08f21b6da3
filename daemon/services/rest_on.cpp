// SPDX-License-Identifier: Apache-2.0
#include "daemon/services/rest_on.h"

#include <unistd.h>

#include "core/engine/lookup.h"

namespace countersign::routes {

Actor actor_of(const http::Call& call) {
  return {.user = call.standing.user,
          .helpdesk = call.standing.helpdesk,
          .admin = call.standing.admin,
          .root = call.caller.uid == 0 || call.caller.uid == geteuid()};
}

Result<Basis> rest_on(Services& services, const http::Call& call, Rest rest) {
  engine::FreshDemand demand{.caller = call.caller,
                             .actor = actor_of(call),
                             .deed = rest.deed,
                             .change = rest.change
                                           ? std::move(*rest.change)
                                           : change_text(rest.deed, rest.subject, rest.parts),
                             .concerned = {},
                             .id = std::move(rest.fresh),
                             .recovery = rest.recovery.value_or(false)};
  if (!rest.concerned.empty()) {
    const auto record = TRY(engine::user_named(services.context, rest.concerned));
    demand.concerned = record->user;
    // An administrator by group, or root, has a role as far as others' rights go (for the helpdesk
    // alone: it may ask the network).
    if (demand.actor.helpdesk && !demand.actor.admin && demand.concerned->role == Role::user &&
        services.administers(demand.concerned->login))
      demand.concerned->role = Role::admin;
  }
  return engine::rest_on(services.context, demand);
}

Result<engine::Grounds> grounds_for(Services& services, const http::Call& call, BindOrder order) {
  if (order.permit && call.standing.admin)
    return engine::Grounds{.by = {}, .permit = std::move(*order.permit)};
  ChangeParts parts = {{"kind", std::string(to_name(order.kind))}};
  for (auto& part : order.parts)
    if (!part.second.empty()) parts.push_back(std::move(part));
  Basis basis = TRY(rest_on(services, call,
                            {.deed = Deed::authenticator_bind,
                             .subject = order.user,
                             .parts = std::move(parts),
                             .concerned = order.user,
                             .fresh = std::move(order.fresh),
                             .recovery = order.recovery}));
  return engine::Grounds{.basis = std::move(basis), .by = {}};
}

}  // namespace countersign::routes
