// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/sent_before.h"

#include <algorithm>

#include "daemon/couriers/event_line.h"

namespace countersign::couriers {
namespace {

constexpr std::int64_t most_events = 20'000;
constexpr std::size_t events_at_once = 1000;
constexpr Milliseconds day{86'400'000};

}  // namespace

Result<void> remember_sent(engine::Context& context, engine::SendBook& book) {
  const audit::Head head = TRY(context.store.head());
  const Time since = context.clock.read().now - day;
  std::int64_t after = std::max<std::int64_t>(0, head.sequence - most_events);
  while (after < head.sequence) {
    const auto events = TRY(context.store.events(after, events_at_once));
    if (events.empty()) break;
    after = events.back().sequence;
    for (const audit::Record& record : events) {
      if (!record.line.contains("\"code.send\"") || audit::time_of(record.line) < since) continue;
      const auto event = parse_event(record.line);
      if (!event || member(*event, "outcome") != "done") continue;
      const auto kind = from_name<Kind>(member(*event, "kind"));
      if (!kind) continue;
      book.remember({.kind = *kind,
                     .user = member(*event, "user"),
                     .recipient = member(*event, "to"),
                     .country = member(*event, "country")},
                    audit::time_of(record.line));
    }
  }
  return {};
}

}  // namespace countersign::couriers
