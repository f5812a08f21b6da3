// SPDX-License-Identifier: Apache-2.0
// A line of the record, read back: what notices and budgets go by.
#pragma once

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace countersign::couriers {

using EventLine = boost::json::object;

// Nothing: it is no object.
[[nodiscard]] inline std::optional<EventLine> parse_event(std::string_view line) {
  boost::system::error_code wrong;
  boost::json::value value = boost::json::parse(line, wrong);
  if (wrong || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

// Its text; empty where there is none.
[[nodiscard]] inline std::string member(const EventLine& event, std::string_view name) {
  const auto* value = event.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace countersign::couriers
