// SPDX-License-Identifier: Apache-2.0
// Taking a command's parameters out of its CBOR map, with the status that CTAP wants for what is
// absent or of another type.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devices/virtual/key/pin_protocol.h"
#include "devices/virtual/key/state.h"
#include "devices/virtual/key/step.h"

namespace countersign::virtual_key {

// Absent: missing_parameter. Another type: cbor_unexpected_type. The pointers live as long as the
// map.
[[nodiscard]] Outcome<const Bytes*> need_bytes(const cbor::Value& map, std::int64_t key);
[[nodiscard]] Outcome<const std::string*> need_text(const cbor::Value& map, std::int64_t key);
[[nodiscard]] Outcome<const cbor::Value*> need_map(const cbor::Value& map, std::int64_t key);
[[nodiscard]] Outcome<std::int64_t> need_integer(const cbor::Value& map, std::int64_t key);

// pinUvAuthParam and pinUvAuthProtocol, where given. (§6.1.2: a protocol that is none is
// invalid_parameter, one that is missing beside the other missing_parameter.)
struct Authorization {
  PinProtocol protocol;
  Bytes signature;
};
[[nodiscard]] Outcome<std::optional<Authorization>> authorization(const cbor::Value& map,
                                                                  std::int64_t param_key,
                                                                  std::int64_t protocol_key);

// excludeList, allowList: the ids of type "public-key". Empty lists are refused (§6.1.2, §6.2.2);
// absent is nothing.
[[nodiscard]] Outcome<std::optional<std::vector<Bytes>>> credential_list(const cbor::Value& map,
                                                                         std::int64_t key);
constexpr std::size_t most_in_list = 64;

// options; what is not known is ignored.
struct Options {
  std::optional<bool> rk, up, uv;
};
[[nodiscard]] Outcome<Options> options(const cbor::Value& map, std::int64_t key);

// A PublicKeyCredentialUserEntity as a platform sends it.
[[nodiscard]] Outcome<User> user_from(const cbor::Value& entity);
// The same as the key answers it; all: names too.
[[nodiscard]] cbor::Value to_cbor(const User& user, bool all);
// A PublicKeyCredentialDescriptor.
[[nodiscard]] cbor::Value descriptor(const Credential& credential);

}  // namespace countersign::virtual_key
