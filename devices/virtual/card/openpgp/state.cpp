// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/openpgp/state.h"

#include <string_view>
#include <utility>

#include "devices/virtual/card/base/state_parts.h"

namespace countersign::virtual_card::openpgp {
namespace {

using formats::cbor::Value;

Value slot_to_cbor(const Slot& slot) {
  Value::Map map{{"type", static_cast<int>(slot.type)},
                 {"fingerprint", slot.fingerprint},
                 {"ca-fingerprint", slot.ca_fingerprint},
                 {"made-at", slot.made_at},
                 {"touch", static_cast<int>(slot.touch)}};
  if (slot.key) map.push_back({"key", virtual_card::to_cbor(*slot.key)});
  return Value::map(std::move(map));
}

Result<Slot> slot_from(const Value& value) {
  const auto type = value.integer_at("type"), touch = value.integer_at("touch");
  const Bytes* const fingerprint = value.bytes_at("fingerprint");
  const Bytes* const ca_fingerprint = value.bytes_at("ca-fingerprint");
  const Bytes* const made_at = value.bytes_at("made-at");
  const auto known =
      type && *type >= 0 && *type <= 0xff ? key_type(static_cast<Byte>(*type)) : std::nullopt;
  if (!known || !touch || *touch < 0 || *touch > 2 || fingerprint == nullptr ||
      ca_fingerprint == nullptr || made_at == nullptr)
    return corrupt_state();
  if (fingerprint->size() != fingerprint_size || ca_fingerprint->size() != fingerprint_size ||
      made_at->size() != time_size)
    return corrupt_state();
  Slot slot{.type = *known,
            .fingerprint = *fingerprint,
            .ca_fingerprint = *ca_fingerprint,
            .made_at = *made_at,
            .touch = static_cast<Touch>(*touch)};
  if (const Value* const held = value.map_at("key"); held != nullptr) {
    auto key = TRY(card_key_from(*held));
    slot.key = std::move(key);
  }
  return slot;
}

}  // namespace

State new_state() {
  State state;
  state.slots[static_cast<std::size_t>(Role::signature)].type = KeyType::rsa2048;
  state.user = {.value = Secret(std::string_view("123456"))};
  state.resetting_code = {.left = 0};
  state.admin = {.value = Secret(std::string_view("12345678"))};
  return state;
}

Value to_cbor(const State& state) {
  Value::Array slots, objects;
  for (const Slot& slot : state.slots) slots.push_back(slot_to_cbor(slot));
  for (const auto& [tag, content] : state.objects)
    objects.push_back(Value::map({{"tag", static_cast<std::int64_t>(tag)}, {"content", content}}));
  return Value::map({{"slots", Value::array(std::move(slots))},
                     {"objects", Value::array(std::move(objects))},
                     {"user", virtual_card::to_cbor(state.user)},
                     {"resetting-code", virtual_card::to_cbor(state.resetting_code)},
                     {"admin", virtual_card::to_cbor(state.admin)},
                     {"for-several", state.user_pin_for_several},
                     {"signatures", static_cast<std::int64_t>(state.signatures)},
                     {"terminated", state.terminated}});
}

Result<State> state_from(const Value& value) {
  State state;
  const Value::Array* const slots = value.array_at("slots");
  const Value::Array* const objects = value.array_at("objects");
  const auto several = value.boolean_at("for-several"), terminated = value.boolean_at("terminated");
  const auto signatures = value.integer_at("signatures");
  if (slots == nullptr || slots->size() != roles || objects == nullptr || !several || !terminated ||
      !signatures || *signatures < 0 || *signatures > 0xffffff)
    return corrupt_state();
  for (std::size_t i = 0; i < roles; ++i) {
    auto slot = TRY(slot_from((*slots)[i]));
    state.slots[i] = std::move(slot);
  }
  for (const Value& each : *objects) {
    const auto tag = each.integer_at("tag");
    const Bytes* const content = each.bytes_at("content");
    if (!tag || content == nullptr || *tag < 0 || *tag > 0xffff || content->size() > largest_object)
      return corrupt_state();
    state.objects[static_cast<std::uint32_t>(*tag)] = *content;
  }
  for (const auto& [name, into] :
       {std::pair{"user", &state.user}, std::pair{"resetting-code", &state.resetting_code},
        std::pair{"admin", &state.admin}}) {
    const Value* const held = value.map_at(std::string_view(name));
    auto reference =
        TRY(held == nullptr ? Result<Reference>(corrupt_state()) : reference_from(*held));
    *into = std::move(reference);
  }
  state.user_pin_for_several = *several;
  state.signatures = static_cast<std::uint32_t>(*signatures);
  state.terminated = *terminated;
  return state;
}

}  // namespace countersign::virtual_card::openpgp
