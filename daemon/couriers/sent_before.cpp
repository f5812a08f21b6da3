// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/sent_before.h"

#include <boost/json.hpp>

#include <algorithm>

namespace countersign::couriers {
namespace {

constexpr std::int64_t most_events = 20'000;
constexpr std::size_t page = 1000;
constexpr Milliseconds day{86'400'000};

std::string member(const boost::json::object& event, std::string_view name) {
  const auto* value = event.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Result<void> remember_sent(engine::Context& context, engine::SendBook& book) {
  const audit::Head head = TRY(context.store.head());
  const Time since = context.clock.read().now - day;
  std::int64_t after = std::max<std::int64_t>(0, head.sequence - most_events);
  while (after < head.sequence) {
    const auto events = TRY(context.store.events(after, page));
    if (events.empty()) break;
    after = events.back().sequence;
    for (const audit::Record& record : events) {
      if (!record.line.contains("\"code.send\"") || audit::time_of(record.line) < since) continue;
      boost::system::error_code wrong;
      const boost::json::value event = boost::json::parse(record.line, wrong);
      if (wrong || !event.is_object() || member(event.get_object(), "outcome") != "done") continue;
      const auto& members = event.get_object();
      const auto kind = from_name<Kind>(member(members, "kind"));
      if (!kind) continue;
      book.remember({.kind = *kind,
                     .user = member(members, "user"),
                     .recipient = member(members, "to"),
                     .country = member(members, "country")},
                    audit::time_of(record.line));
    }
  }
  return {};
}

}  // namespace countersign::couriers
