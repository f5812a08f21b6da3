// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/base/state_parts.h"
#include "devices/virtual/card/piv/state.h"

namespace countersign::virtual_card::piv {
namespace {

using formats::cbor::Value;

Value slot_to_cbor(Byte number, const SlotKey& slot) {
  return Value::map({{"slot", static_cast<int>(number)},
                     {"key", to_cbor(slot.key)},
                     {"pin", static_cast<int>(slot.pin)},
                     {"touch", static_cast<int>(slot.touch)},
                     {"generated", slot.generated}});
}

Result<void> read_slot(const Value& value, State& state) {
  const auto number = value.integer_at("slot"), pin = value.integer_at("pin"),
             touch = value.integer_at("touch");
  const auto generated = value.boolean_at("generated");
  const Value* const key = value.map_at("key");
  if (!number || !pin || !touch || !generated || key == nullptr || *pin < 1 || *pin > 3 ||
      *touch < 1 || *touch > 3)
    return corrupt_state();
  if (*number < 0 || *number > 0xff || !is_slot(static_cast<Byte>(*number))) return corrupt_state();
  auto read = TRY(card_key_from(*key));
  state.slots.emplace(static_cast<Byte>(*number), SlotKey{.key = std::move(read),
                                                          .pin = static_cast<PinPolicy>(*pin),
                                                          .touch = static_cast<TouchPolicy>(*touch),
                                                          .generated = *generated});
  return {};
}

Result<void> read_object(const Value& value, State& state) {
  const auto tag = value.integer_at("tag");
  const Bytes* const content = value.bytes_at("content");
  if (!tag || content == nullptr || *tag < 0 || *tag > 0xffffff || content->size() > largest_object)
    return corrupt_state();
  state.objects[static_cast<std::uint32_t>(*tag)] = *content;
  return {};
}

Result<void> read_management(const Value& value, State& state) {
  const auto cipher = value.integer_at("cipher");
  const Bytes* const key = value.bytes_at("key");
  const auto touch = value.boolean_at("touch"), factory = value.boolean_at("factory");
  if (!cipher || key == nullptr || !touch || !factory) return corrupt_state();
  if (*cipher != 0x03 && *cipher != 0x08 && *cipher != 0x0a && *cipher != 0x0c)
    return corrupt_state();
  state.management = {.cipher = static_cast<Cipher>(*cipher),
                      .key = Secret(BytesView(*key)),
                      .touch = *touch,
                      .factory = *factory};
  return state.management.key.size() == key_size(state.management.cipher) ? Result<void>()
                                                                          : corrupt_state();
}

}  // namespace

Value to_cbor(const State& state) {
  Value::Array slots, objects;
  for (const auto& [number, slot] : state.slots) slots.push_back(slot_to_cbor(number, slot));
  for (const auto& [tag, content] : state.objects)
    objects.push_back(Value::map({{"tag", static_cast<std::int64_t>(tag)}, {"content", content}}));
  const ManagementKey& management = state.management;
  return Value::map({{"slots", Value::array(std::move(slots))},
                     {"objects", Value::array(std::move(objects))},
                     {"pin", to_cbor(state.pin)},
                     {"puk", to_cbor(state.puk)},
                     {"management", Value::map({{"cipher", static_cast<int>(management.cipher)},
                                                {"key", management.key.expose()},
                                                {"touch", management.touch},
                                                {"factory", management.factory}})},
                     {"root", state.attestation_root}});
}

Result<State> state_from(const Value& value) {
  State state;
  const Value::Array* const slots = value.array_at("slots");
  const Value::Array* const objects = value.array_at("objects");
  const Value* const management = value.map_at("management");
  const Bytes* const root = value.bytes_at("root");
  if (slots == nullptr || objects == nullptr || management == nullptr || root == nullptr)
    return corrupt_state();
  for (const Value& each : *slots)
    if (const auto read = read_slot(each, state); !read) return std::unexpected(read.error());
  for (const Value& each : *objects)
    if (const auto read = read_object(each, state); !read) return std::unexpected(read.error());
  if (const auto read = read_management(*management, state); !read)
    return std::unexpected(read.error());
  for (const auto& [name, into] : {std::pair{"pin", &state.pin}, std::pair{"puk", &state.puk}}) {
    const Value* const reference = value.map_at(std::string_view(name));
    auto read =
        TRY(reference == nullptr ? Result<Reference>(corrupt_state()) : reference_from(*reference));
    *into = std::move(read);
  }
  state.attestation_root = *root;
  return state;
}

}  // namespace countersign::virtual_card::piv
