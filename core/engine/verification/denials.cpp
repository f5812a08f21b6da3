// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/denials.h"

#include <memory>
#include <utility>

#include "core/engine/events.h"

namespace countersign::engine {

void add_denial(Context& context, const Caller& caller, bool named, audit::Event event,
                Change& change) {
  const bool always = named && caller.share != Share::own;
  if (always ||
      context.unlisted.list(caller.holder(), named ? event.user : std::string(), event.time))
    change.events.push_back(std::move(event));
}

void record_denial(Context& context, Change change, std::move_only_function<void(bool)> then) {
  if (change.events.empty()) return then(true);
  context.store.commit(std::move(change),
                       [then = std::move(then)](const Result<Applied>& recorded) mutable {
                         then(recorded.has_value());
                       });
}

void tell_unlisted(Context& context, bool all) {
  const Time now = context.clock.read().now;
  auto counts =
      std::make_shared<const std::vector<Unlisted::Count>>(context.unlisted.take(now, all));
  if (counts->empty()) return;
  Change change;
  for (const Unlisted::Count& each : *counts) {
    audit::Event event =
        event_of(context, {.uid = each.key.uid, .pid = 0, .service = {}}, "verify");
    event.user = each.key.user;
    event.outcome = "denied";
    event.reason = "too-many-to-list";
    event.details.emplace_back("denials", std::to_string(each.events));
    event.details.emplace_back("since_unix_ms", std::to_string(unix_ms(each.since)));
    change.events.push_back(std::move(event));
  }
  context.store.commit(std::move(change), [&context, counts, now](const Result<Applied>& told) {
    if (!told) context.unlisted.put_back(*counts, now);
  });
}

}  // namespace countersign::engine
