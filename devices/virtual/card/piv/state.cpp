// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/piv/state.h"

#include <array>
#include <utility>

#include "devices/virtual/card/piv/attestation.h"

namespace countersign::virtual_card::piv {
namespace {

constexpr std::array<Byte, pin_size> factory_pin{'1', '2', '3', '4', '5', '6', 0xff, 0xff};
constexpr std::array<Byte, pin_size> factory_puk{'1', '2', '3', '4', '5', '6', '7', '8'};

void factory_settings(State& state) {
  factory_references(state);
  Secret key(key_size(Cipher::triple_des));
  for (std::size_t i = 0; i < key.size(); ++i)
    key.expose_mutable()[i] = static_cast<Byte>(1 + i % 8);
  state.management = {.cipher = Cipher::triple_des, .key = std::move(key)};
}

}  // namespace

std::size_t key_size(Cipher cipher) {
  switch (cipher) {
    case Cipher::aes128:
      return 16;
    case Cipher::triple_des:
    case Cipher::aes192:
      return 24;
    case Cipher::aes256:
      return 32;
  }
  std::unreachable();
}

void factory_references(State& state) {
  state.pin = {.value = Secret(BytesView(factory_pin))};
  state.puk = {.value = Secret(BytesView(factory_puk))};
}

State new_state(std::uint32_t serial) {
  State state;
  factory_settings(state);
  Attester attester = make_attester(serial);
  state.slots.emplace(
      slot::attestation,
      SlotKey{.key = std::move(attester.key), .pin = PinPolicy::never, .generated = false});
  state.objects[object::attestation] = certificate_object(attester.certificate);
  state.attestation_root = std::move(attester.root);
  return state;
}

void reset(State& state) {
  std::erase_if(state.slots, [](const auto& each) { return each.first != slot::attestation; });
  std::erase_if(state.objects, [](const auto& each) { return each.first != object::attestation; });
  factory_settings(state);
}

}  // namespace countersign::virtual_card::piv
