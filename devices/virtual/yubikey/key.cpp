// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/yubikey/key.h"

#include <algorithm>

#include "core/crypto/hmac.h"
#include "core/crypto/system_random.h"

namespace countersign::virtual_yubikey {
namespace {

using Outcome = Key::Outcome;
using Kind = Key::Outcome::Kind;

// The message without the padding that the key takes off when HMAC_LT64 is set: whatever repeats
// the last octet.
BytesView unpadded(BytesView message) {
  std::size_t size = message.size();
  while (size > 0 && message[size - 1] == message.back()) --size;
  return message.first(size);
}

Bytes hmac_of(const Configuration& configuration, BytesView payload) {
  Bytes key(configuration.key.begin(), configuration.key.end());
  key.insert(key.end(), configuration.uid.begin(),
             configuration.uid.begin() + 4);  // KEY_SIZE_OATH: 20 octets
  const bool padded = (configuration.config & config::less_than_64) != 0;
  const auto tag = crypto::Hmac(HashAlgorithm::sha1, key).of(padded ? unpadded(payload) : payload);
  return {tag.bytes.begin(), tag.bytes.begin() + 20};
}

}  // namespace

void Key::power_up() {
  sessions_ = {};
  powered_at_ = std::chrono::steady_clock::now();
  std::array<Byte, 3> random{};
  crypto::SystemRandom().fill(random);
  first_tick_ = random[0] | static_cast<std::uint32_t>(random[1]) << 8U |
                static_cast<std::uint32_t>(random[2] & 0x7fU) << 16U;
}

Outcome Key::run(Byte command, BytesView payload) {
  if (payload.size() != payload_size) return {};
  switch (command) {
    case command::configure_1:
      return configure(0, payload);
    case command::configure_2:
      return configure(1, payload);
    case command::update_1:
      return update(0, payload);
    case command::update_2:
      return update(1, payload);
    case command::swap:
      return swap(payload);
    case command::ndef_1:
    case command::ndef_2: {
      if (!at_least(3, 0) || payload[0] > 54) return {};
      State next = state_;
      next.ndef.assign(payload.begin(), payload.begin() + 2 + payload[0]);
      return written(std::move(next));
    }
    case command::device_configuration:
    case command::scan_map:
      return at_least(3, 0) ? written(state_) : Outcome{};
    case command::serial:
      return tell_serial();
    case command::device_information:
      return tell_information();
    case command::yubico_1:
      return challenge(0, false, payload);
    case command::yubico_2:
      return challenge(1, false, payload);
    case command::hmac_1:
      return challenge(0, true, payload);
    case command::hmac_2:
      return challenge(1, true, payload);
    default:
      return {};
  }
}

bool Key::wants_touch(Byte command) const {
  const bool challenge = command == command::yubico_1 || command == command::yubico_2 ||
                         command == command::hmac_1 || command == command::hmac_2;
  const auto& slot = state_.slots[(command & 0x08U) != 0 ? 1 : 0];
  return challenge && slot && slot->configuration.challenge() &&
         (slot->configuration.config & config::touch) != 0;
}

std::array<Byte, 6> Key::status() const {
  Byte level = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& slot = state_.slots[i];
    if (!slot || slot->configuration.dormant()) continue;
    level |= static_cast<Byte>(0x01U << i);
    // From firmware 3.0: whatever a touch sets off, or waits for one.
    if (at_least(3, 0) &&
        (!slot->configuration.challenge() || (slot->configuration.config & config::touch) != 0))
      level |= static_cast<Byte>(0x04U << i);
  }
  return {state_.firmware[0], state_.firmware[1], state_.firmware[2], state_.sequence, level, 0};
}

bool Key::may_write(std::size_t index, BytesView code) const {
  const auto& slot = state_.slots[index];
  if (!slot) return true;
  const auto& held = slot->configuration.access_code;
  return std::ranges::all_of(held, [](Byte octet) { return octet == 0; }) ||
         std::ranges::equal(held, code);
}

bool Key::keep(State next) {
  if (!save(file_, next)) return false;
  state_ = std::move(next);
  return true;
}

Outcome Key::written(State next) {
  const bool programmed = next.slots[0] || next.slots[1];
  next.sequence = !programmed             ? Byte{0}
                  : next.sequence == 0xff ? Byte{1}
                                          : static_cast<Byte>(next.sequence + 1);
  return keep(std::move(next)) ? Outcome{Kind::written, {}} : Outcome{};
}

Outcome Key::configure(std::size_t index, BytesView payload) {
  if (index == 1 && !at_least(2, 0)) return {};
  if (!may_write(index, payload.subspan(configuration_size, code_size))) return {};
  const BytesView octets = payload.first(configuration_size);
  State next = state_;
  if (std::ranges::all_of(octets, [](Byte octet) { return octet == 0; })) {
    next.slots[index].reset();
  } else {
    const auto configuration = Configuration::parse(octets);
    if (!configuration) return {};
    if (configuration->challenge() && !at_least(2, 2)) return {};
    Slot slot{*configuration, 0, 0};
    if (configuration->hotp())
      slot.moving_factor =
          (static_cast<std::uint64_t>(configuration->uid[4]) << 8U | configuration->uid[5]) << 4U;
    next.slots[index] = slot;
  }
  sessions_[index] = {};
  return written(std::move(next));
}

Outcome Key::update(std::size_t index, BytesView payload) {
  const auto asked = Configuration::parse(payload.first(configuration_size));
  const auto& slot = state_.slots[index];
  if (!at_least(2, 3) || !asked || !slot ||
      (slot->configuration.extended & extended::allow_update) == 0)
    return {};
  if (!may_write(index, payload.subspan(configuration_size, code_size))) return {};
  State next = state_;
  Configuration& held = next.slots[index]->configuration;
  const auto mixed = [](Byte old, Byte given, Byte mask) {
    return static_cast<Byte>((old & ~mask) | (given & mask));
  };
  held.extended = mixed(held.extended, asked->extended, extended::updatable);
  held.ticket = mixed(held.ticket, asked->ticket, ticket::updatable);
  held.config = mixed(held.config, asked->config, held.challenge() ? Byte{0} : config::updatable);
  held.access_code = asked->access_code;
  return written(std::move(next));
}

Outcome Key::swap(BytesView payload) {
  const BytesView code = payload.subspan(configuration_size, code_size);
  if (!at_least(2, 3) || !may_write(0, code) || !may_write(1, code)) return {};
  State next = state_;
  std::swap(next.slots[0], next.slots[1]);
  std::swap(sessions_[0], sessions_[1]);
  return written(std::move(next));
}

Outcome Key::challenge(std::size_t index, bool hmac, BytesView payload) {
  const auto& slot = state_.slots[index];
  if (!at_least(2, 2) || !slot || slot->configuration.dormant() || !slot->configuration.challenge())
    return {};
  const Configuration& held = slot->configuration;
  if (((held.config & config::challenge_hmac) == config::challenge_hmac) != hmac) return {};
  if (hmac) return {Kind::answered, hmac_of(held, payload)};
  std::array<Byte, 6> uid{};
  for (std::size_t i = 0; i < uid.size(); ++i) uid[i] = held.uid[i] ^ payload[i];
  auto made = ticket(index, uid);
  return made ? Outcome{Kind::answered, std::move(*made)} : Outcome{};
}

Outcome Key::tell_serial() const {
  const bool empty = !state_.slots[0] && !state_.slots[1];
  const bool shown = std::ranges::any_of(state_.slots, [](const auto& slot) {
    return slot && (slot->configuration.extended & extended::serial_by_api) != 0;
  });
  if (!at_least(2, 0) || (!empty && !shown)) return {};
  const std::uint32_t serial = state_.serial;
  return {Kind::answered,
          {static_cast<Byte>(serial >> 24U), static_cast<Byte>(serial >> 16U),
           static_cast<Byte>(serial >> 8U), static_cast<Byte>(serial)}};
}

// From firmware 4.1: a length, then tag, length, value; as ykman reads it.
Outcome Key::tell_information() const {
  if (!at_least(4, 1)) return {};
  const std::uint32_t serial = state_.serial;
  Bytes list{0x01,
             0x01,
             0x01,  // supported over USB: OTP
             0x02,
             0x04,
             static_cast<Byte>(serial >> 24U),
             static_cast<Byte>(serial >> 16U),
             static_cast<Byte>(serial >> 8U),
             static_cast<Byte>(serial),
             0x03,
             0x01,
             0x01,  // enabled over USB: OTP
             0x04,
             0x01,
             0x01,  // form factor: USB-A keychain
             0x05,
             0x03,
             state_.firmware[0],
             state_.firmware[1],
             state_.firmware[2]};
  list.insert(list.begin(), static_cast<Byte>(list.size()));
  return {Kind::answered, std::move(list)};
}

}  // namespace countersign::virtual_yubikey
