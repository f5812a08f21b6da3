// SPDX-License-Identifier: Apache-2.0
// The authenticator's commands (CTAP 2.1 §6), one file each. request: the command's parameter map,
// null when it had none. Each may be called when no other waits for the person.
#pragma once

#include "devices/virtual/key/key.h"

namespace countersign::virtual_key {

[[nodiscard]] Step get_info(Key& key);                                           // 0x04
[[nodiscard]] Step make_credential(Key& key, const cbor::Value& request);        // 0x01
[[nodiscard]] Step get_assertion(Key& key, const cbor::Value& request);          // 0x02
[[nodiscard]] Step get_next_assertion(Key& key);                                 // 0x08
[[nodiscard]] Step client_pin(Key& key, const cbor::Value& request);             // 0x06
[[nodiscard]] Step reset_key(Key& key);                                          // 0x07
[[nodiscard]] Step bio_enrollment(Key& key, const cbor::Value& request);         // 0x09
[[nodiscard]] Step credential_management(Key& key, const cbor::Value& request);  // 0x0a
[[nodiscard]] Step selection(Key& key);                                          // 0x0b
[[nodiscard]] Step authenticator_config(Key& key, const cbor::Value& request);   // 0x0d

// CTAPHID_CBOR's payload: the command's octet and its parameters.
[[nodiscard]] Step handle_cbor(Key& key, BytesView message);

// CTAPHID_MSG's payload: a U2F raw message (U2F v1.2). touched: whether the person touched; a
// command that needs it and has it not answers 0x6985 and wants to be asked again.
struct U2fAnswer {
  Bytes message;
  bool wants_touch = false;
  bool used_touch = false;
};
[[nodiscard]] U2fAnswer handle_u2f(Key& key, BytesView message, bool touched);

}  // namespace countersign::virtual_key
