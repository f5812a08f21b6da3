// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/yubikey/state.h"

#include <algorithm>
#include <cstring>

#include "core/crypto/system_random.h"
#include "core/encoding/cbor.h"

namespace countersign::virtual_yubikey {
namespace {

using formats::cbor::Value;

constexpr std::int64_t version = 1;

std::unexpected<Error> corrupt() {
  return fail(Code::corrupt, "this is no state of a virtual YubiKey, or a damaged one");
}

Value slot_to_cbor(const std::optional<Slot>& slot) {
  if (!slot) return {};
  return Value::map({{"configuration", slot->configuration.octets()},
                     {"uses", static_cast<std::int64_t>(slot->uses)},
                     {"moving-factor", static_cast<std::int64_t>(slot->moving_factor)}});
}

bool read_slot(const Value* value, std::optional<Slot>& slot) {
  if (value == nullptr) return false;
  if (value->is_null()) return true;
  const Bytes* const octets = value->bytes_at("configuration");
  const auto uses = value->integer_at("uses");
  const auto factor = value->integer_at("moving-factor");
  if (octets == nullptr || !uses || !factor) return false;
  const auto configuration = Configuration::parse(*octets);
  if (!configuration) return false;
  slot =
      Slot{*configuration, static_cast<std::uint16_t>(*uses), static_cast<std::uint64_t>(*factor)};
  return true;
}

}  // namespace

std::optional<Configuration> Configuration::parse(BytesView octets) {
  if (octets.size() != configuration_size || crc(octets) != crc_held) return std::nullopt;
  Configuration made;
  const Byte* at = octets.data();
  const auto take = [&at](auto& field) {
    std::memcpy(field.data(), at, field.size());
    at += field.size();
  };
  take(made.fixed);
  take(made.uid);
  take(made.key);
  take(made.access_code);
  made.fixed_size = std::min<Byte>(at[0], 16);
  made.extended = at[1];
  made.ticket = at[2];
  made.config = at[3];
  return made;
}

std::array<Byte, configuration_size> Configuration::octets() const {
  std::array<Byte, configuration_size> out{};
  auto at = std::ranges::copy(fixed, out.begin()).out;
  at = std::ranges::copy(uid, at).out;
  at = std::ranges::copy(key, at).out;
  at = std::ranges::copy(access_code, at).out;
  *at++ = fixed_size;
  *at++ = extended;
  *at++ = ticket;
  *at++ = config;
  const auto sum = static_cast<std::uint16_t>(~crc(BytesView(out).first(configuration_size - 2)));
  out[configuration_size - 2] = static_cast<Byte>(sum);
  out[configuration_size - 1] = static_cast<Byte>(sum >> 8U);
  return out;
}

State new_state() {
  std::array<Byte, 4> random{};
  crypto::SystemRandom().fill(random);
  std::uint32_t number = 0;
  std::memcpy(&number, random.data(), sizeof number);
  State state;
  state.serial = first_serial + number % serials;
  return state;
}

Result<State> load(const virtual_token::LockedFile& file) {
  if (file.path().empty()) return new_state();
  const auto content = virtual_token::read_content(file.path());
  if (!content && content.error().code == Code::not_found) {
    State fresh = new_state();
    if (const auto saved = save(file, fresh); !saved) return std::unexpected(saved.error());
    return fresh;
  }
  if (!content) return std::unexpected(content.error());
  const auto value = formats::cbor::parse(content->expose(), {.depth = 4, .items = 1000});
  if (!value || value->integer_at("countersign-virtual-yubikey") != version) return corrupt();
  const auto serial = value->integer_at("serial");
  const auto sequence = value->integer_at("sequence");
  const Bytes* const firmware = value->bytes_at("firmware");
  const Bytes* const ndef = value->bytes_at("ndef");
  if (!serial || !sequence || firmware == nullptr || firmware->size() != 3 || ndef == nullptr)
    return corrupt();
  State state{.serial = static_cast<std::uint32_t>(*serial),
              .sequence = static_cast<Byte>(*sequence),
              .ndef = *ndef};
  std::ranges::copy(*firmware, state.firmware.begin());
  if (!read_slot(value->find("slot-1"), state.slots[0]) ||
      !read_slot(value->find("slot-2"), state.slots[1]))
    return corrupt();
  return state;
}

Result<void> save(const virtual_token::LockedFile& file, const State& state) {
  const Value value = Value::map({{"countersign-virtual-yubikey", version},
                                  {"serial", static_cast<std::int64_t>(state.serial)},
                                  {"firmware", state.firmware},
                                  {"sequence", static_cast<int>(state.sequence)},
                                  {"slot-1", slot_to_cbor(state.slots[0])},
                                  {"slot-2", slot_to_cbor(state.slots[1])},
                                  {"ndef", state.ndef}});
  const Secret content{BytesView(formats::cbor::encode(value))};
  return file.write(content.expose());
}

}  // namespace countersign::virtual_yubikey
