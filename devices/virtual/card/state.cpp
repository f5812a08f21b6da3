// SPDX-License-Identifier: Apache-2.0
// The file's content: one CBOR map, {"countersign-virtual-card": 1, ...}.
#include "devices/virtual/card/state.h"

#include <array>

#include "core/crypto/system_random.h"
#include "devices/virtual/card/base/identity.h"
#include "devices/virtual/card/base/state_parts.h"

namespace countersign::virtual_card {
namespace {

using formats::cbor::Value;

constexpr std::string_view version_key = "countersign-virtual-card";
constexpr std::int64_t version = 1;

std::uint32_t random_number() {
  std::array<Byte, 4> octets{};
  crypto::SystemRandom().fill(octets);
  std::uint32_t number = 0;
  for (const Byte octet : octets) number = number << 8U | octet;
  return number;
}

}  // namespace

State new_state() {
  const std::uint32_t serial = identity::first_serial + random_number() % identity::serials;
  return {.serial = serial, .piv = piv::new_state(serial), .openpgp = openpgp::new_state()};
}

Value to_cbor(const State& state) {
  return Value::map({{version_key, version},
                     {"serial", static_cast<std::int64_t>(state.serial)},
                     {"piv", piv::to_cbor(state.piv)},
                     {"openpgp", openpgp::to_cbor(state.openpgp)}});
}

Result<State> state_from(const Value& value) {
  const auto serial = value.integer_at("serial");
  const Value* const piv_value = value.map_at("piv");
  const Value* const openpgp_value = value.map_at("openpgp");
  if (value.integer_at(version_key) != version || !serial || *serial < 0 || *serial > 0xffffffff ||
      piv_value == nullptr || openpgp_value == nullptr)
    return corrupt_state();
  auto piv_state = TRY(piv::state_from(*piv_value));
  auto openpgp_state = TRY(openpgp::state_from(*openpgp_value));
  return State{.serial = static_cast<std::uint32_t>(*serial),
               .piv = std::move(piv_state),
               .openpgp = std::move(openpgp_state)};
}

Result<State> load(const virtual_token::LockedFile& file) {
  if (file.path().empty()) return new_state();
  auto state = read_state(file.path());
  if (state || state.error().code != Code::not_found) return state;
  State fresh = new_state();
  if (const auto saved = save(file, fresh); !saved) return std::unexpected(saved.error());
  return fresh;
}

Result<void> save(const virtual_token::LockedFile& file, const State& state) {
  const Secret content{BytesView(formats::cbor::encode(to_cbor(state)))};
  return file.write(content.expose());
}

Result<State> read_state(const std::string& path) {
  const auto content = TRY(virtual_token::read_content(path));
  const auto value = formats::cbor::parse(content.expose(), {.depth = 8, .items = 10'000});
  if (!value) return fail(Code::corrupt, path + ": " + value.error().what);
  return state_from(*value);
}

}  // namespace countersign::virtual_card
