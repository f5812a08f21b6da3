// SPDX-License-Identifier: Apache-2.0
#include "core/engine/pending/waiting.h"

namespace countersign::engine {
namespace {

std::string bound_to(std::string_view waits_as, const std::string& id) {
  return std::string(waits_as) + ' ' + id;
}

Bytes sealed(Context& context, std::string_view waits_as, const std::string& id,
             const Secret& body) {
  return context.vault.seal(crypto::Purpose::pending, bound_to(waits_as, id), body);
}

}  // namespace

std::uint64_t owner_for(const Caller& caller, std::string_view what) {
  return caller_key({.uid = caller.uid, .service = std::string(what)});
}

Result<void> hold_sealed(Context& context, std::string_view waits_as, const Place& place,
                         const Secret& body, bool instead) {
  Pending row{.id = place.id,
              .owner = place.owner,
              .expires = place.expires,
              .body = sealed(context, waits_as, place.id, body),
              .holder = place.holder};
  const Time now = context.clock.read().now;
  return instead ? context.store.hold_instead(std::move(row), place.most_per_owner, now)
                 : context.store.hold(std::move(row), place.most_per_owner, now);
}

Result<Pending> look_at(Context& context, const std::string& id, Time now) {
  return context.store.seen(id, now);
}

Result<Secret> unseal(Context& context, std::string_view waits_as, const Pending& row) {
  return context.vault.open(crypto::Purpose::pending, bound_to(waits_as, row.id), row.body);
}

Result<void> replace_sealed(Context& context, std::string_view waits_as, Pending& row,
                            const Secret& body) {
  row.body = sealed(context, waits_as, row.id, body);
  const Generation renewed = TRY(context.store.renew(row, context.clock.read().now));
  row.generation = renewed;
  return {};
}

}  // namespace countersign::engine
