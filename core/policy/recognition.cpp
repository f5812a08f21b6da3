// SPDX-License-Identifier: Apache-2.0
#include "core/policy/recognition.h"

#include <algorithm>

#include "core/encoding/cbor.h"

namespace countersign {
namespace {

namespace cbor = formats::cbor;
constexpr std::chrono::hours day{24};

bool is_for(const Recognition& recognition, const Policy& policy, const User& user) {
  if (recognition.audience != user.audience || !policy.recognition.after.contains(recognition.by))
    return false;
  return recognition.user ? recognition.user == user.id : policy.recognition.for_everyone;
}

bool lapsed(const Recognition& recognition, const Policy& policy, Time now) {
  return now >= recognition.last_used + day * policy.recognition.disuse_days ||
         now >= recognition.since + day * policy.recognition.maximum_days;
}

}  // namespace

MachineState state_of(const Machine& machine, bool matches, const Policy& policy, const User& user,
                      Time since, Time now) {
  switch (machine.status) {
    case MachineStatus::blocked:
      return MachineState::blocked;
    case MachineStatus::forgotten:
      return MachineState::forgotten;
    case MachineStatus::known:
      break;
  }
  if (!matches || (policy.recognition.hardware_bound && !machine.hardware_bound))
    return MachineState::unrecognized;
  MachineState state = MachineState::unrecognized;
  for (const Recognition& each : machine.recognitions) {
    if (!is_for(each, policy, user)) continue;
    if (each.since < since) {
      if (state == MachineState::unrecognized) state = MachineState::forgotten;
    } else if (lapsed(each, policy, now)) {
      state = MachineState::lapsed;
    } else {
      return MachineState::recognized;
    }
  }
  return state;
}

bool recognize(Machine& machine, const Policy& policy, const User& user, Kind by, Time now) {
  if (!policy.recognition.after.contains(by) ||
      (policy.recognition.hardware_bound && !machine.hardware_bound))
    return false;
  const Recognition fresh{.audience = user.audience,
                          .user = policy.recognition.for_everyone ? UserId{} : user.id,
                          .by = by,
                          .since = now,
                          .last_used = now};
  std::erase_if(machine.recognitions, [&](const Recognition& each) {
    return each.audience == fresh.audience && each.user == fresh.user;
  });
  if (machine.recognitions.size() >= most_recognitions)
    machine.recognitions.erase(
        std::ranges::min_element(machine.recognitions, {}, &Recognition::last_used));
  machine.recognitions.push_back(fresh);
  machine.status = MachineStatus::known;
  return true;
}

bool touch(Machine& machine, const Policy& policy, const User& user, Time now) {
  bool worth = false;
  for (Recognition& each : machine.recognitions) {
    if (!is_for(each, policy, user) || lapsed(each, policy, now) ||
        each.last_used + std::chrono::hours(1) > now)
      continue;
    each.last_used = now;
    worth = true;
  }
  return worth;
}

Bytes pack(const std::vector<Recognition>& recognitions) {
  if (recognitions.empty()) return {};
  cbor::Value::Array rows;
  for (const Recognition& each : recognitions)
    rows.push_back(
        cbor::Value::array({each.audience, each.user.value, static_cast<std::int64_t>(each.by),
                            unix_ms(each.since), unix_ms(each.last_used)}));
  return cbor::encode(cbor::Value::array(std::move(rows)));
}

Result<std::vector<Recognition>> unpack_recognitions(BytesView packed) {
  std::vector<Recognition> recognitions;
  if (packed.empty()) return recognitions;
  const auto damaged = [] {
    return fail(Code::corrupt, "a machine's recognitions are damaged; put back a backup");
  };
  const auto value = cbor::parse(packed);
  if (!value || value->array() == nullptr) return damaged();
  for (const cbor::Value& row : *value->array()) {
    const auto* cells = row.array();
    if (cells == nullptr || cells->size() != 5 || (*cells)[0].text() == nullptr) return damaged();
    for (std::size_t i = 1; i < 5; ++i)
      if (!(*cells)[i].integer() || *(*cells)[i].integer() < 0) return damaged();
    if (*(*cells)[2].integer() >= std::ssize(enum_names<Kind>)) return damaged();
    recognitions.push_back({.audience = *(*cells)[0].text(),
                            .user = {*(*cells)[1].integer()},
                            .by = static_cast<Kind>(*(*cells)[2].integer()),
                            .since = from_unix_ms(*(*cells)[3].integer()),
                            .last_used = from_unix_ms(*(*cells)[4].integer())});
  }
  return recognitions;
}

}  // namespace countersign
