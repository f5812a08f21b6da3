// SPDX-License-Identifier: Apache-2.0
// authenticatorGetInfo (CTAP 2.1 §6.4).
#include <algorithm>

#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/ctaphid.h"
#include "devices/virtual/key/identity.h"
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

constexpr int fingerprint_modality = 0x02;  // FIDO registry: USER_VERIFY_FINGERPRINT_INTERNAL
constexpr int most_min_pin_rps = 8;
constexpr std::size_t longest_credential_id = 128;

Value versions(const Key& key) {
  Value::Array names;
  if (!key.state.always_uv) names.push_back("U2F_V2");  // §7.2.4: U2F knows no verification
  names.push_back("FIDO_2_0");
  names.push_back("FIDO_2_1");
  return Value::array(std::move(names));
}

Value extensions(const Key& key) {
  Value::Array names{"credProtect", "hmac-secret"};
  if (key.profile.config) names.push_back("minPinLength");
  return Value::array(std::move(names));
}

Value options_of(const Key& key) {
  const Profile& profile = key.profile;
  Value::Map options{
      {"rk", true}, {"up", true}, {"plat", false}, {"makeCredUvNotRqd", !key.state.always_uv}};
  if (profile.client_pin) {
    options.push_back({"clientPin", key.pin_set()});
    options.push_back({"pinUvAuthToken", true});
    options.push_back({"credMgmt", true});
  }
  if (profile.built_in_uv) {
    options.push_back({"uv", key.uv_configured()});
    options.push_back({"bioEnroll", key.uv_configured()});
  }
  if (profile.config) {
    options.push_back({"alwaysUv", key.state.always_uv});
    options.push_back({"authnrCfg", true});
    options.push_back({"setMinPINLength", true});
  }
  return Value::map(std::move(options));
}

Value algorithms(const Key& key) {
  Value::Array list;
  for (const Algorithm algorithm : key.profile.algorithms)
    list.push_back(Value::map({{"alg", static_cast<int>(algorithm)}, {"type", "public-key"}}));
  return Value::array(std::move(list));
}

}  // namespace

Step get_info(Key& key) {
  const Profile& profile = key.profile;
  constexpr std::uint32_t firmware = (identity::firmware_major << 16U) |
                                     (identity::firmware_minor << 8U) | identity::firmware_build;
  Value::Map info{{0x01, versions(key)},
                  {0x02, extensions(key)},
                  {0x03, identity::aaguid},
                  {0x04, options_of(key)},
                  {0x05, static_cast<std::int64_t>(hid::most_payload)},
                  {0x06, Value::array({2, 1})},  // also without a PIN: hmac-secret encrypts by them
                  {0x07, static_cast<std::int64_t>(most_in_list)},
                  {0x08, static_cast<std::int64_t>(longest_credential_id)},
                  {0x09, Value::array({"usb"})},
                  {0x0a, algorithms(key)},
                  {0x0e, firmware},
                  {0x14, static_cast<std::int64_t>(most_discoverable -
                                                   std::min(most_discoverable, key.count(true)))}};
  if (profile.client_pin) {
    info.push_back({0x0c, key.state.force_pin_change});
    info.push_back({0x0d, static_cast<std::int64_t>(key.state.min_pin_length)});
  }
  if (profile.config) info.push_back({0x10, most_min_pin_rps});
  if (profile.built_in_uv) {
    info.push_back({0x11, 3});
    info.push_back({0x12, fingerprint_modality});
  }
  return answer(Value::map(std::move(info)));
}

}  // namespace countersign::virtual_key
