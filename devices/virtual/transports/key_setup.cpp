// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/key_setup.h"

#include "devices/virtual/key/pin.h"
#include "devices/virtual/shared/pin_source.h"

namespace countersign::virtual_key {
namespace {

Result<void> set_pin(Key& key, const std::string& path) {
  if (!key.profile.client_pin)
    return fail(Code::invalid, "a key of the profile " + std::string(key.profile.name) +
                                   " has no PIN: leave --pin-file out");
  if (key.pin_set()) return {};
  const auto pin = TRY(virtual_token::read_pin(path));
  const Status stored = store_pin(key, pin.expose_text());
  if (stored == Status::pin_policy_violation)
    return fail(Code::invalid, path + ": a PIN has at least 4 characters and at most 63 bytes");
  if (stored != Status::ok) return fail(Code::unavailable, "the state file can't be written");
  return {};
}

}  // namespace

Result<std::unique_ptr<Key>> make_key(const Setup& setup) {
  const auto profile = profile_named(setup.profile.empty() ? "pin" : setup.profile);
  if (!profile)
    return fail(Code::invalid,
                "no such profile: " + setup.profile + "; there are no-pin, pin, uv, u2f, full");
  auto file = TRY(StateFile::open(setup.state));
  auto state = TRY(file.load());
  auto key = std::make_unique<Key>(*profile, std::move(file), std::move(state),
                                   std::chrono::steady_clock::now());
  for (const std::string& fault : setup.faults)
    if (const auto set = key->faults.set(fault); !set) return std::unexpected(set.error());
  if (!setup.pin_file.empty())
    if (const auto set = set_pin(*key, setup.pin_file); !set) return std::unexpected(set.error());
  return key;
}

}  // namespace countersign::virtual_key
