// SPDX-License-Identifier: Apache-2.0
// Authenticator data (WebAuthn L3 §6.1), and what is signed with it.
#pragma once

#include "devices/virtual/key/key.h"

namespace countersign::virtual_key {

enum Flag : Byte { user_present = 0x01, user_verified = 0x04, attested = 0x40, extended = 0x80 };

// The next signature counter; in the state, to be saved by the caller.
[[nodiscard]] std::uint32_t next_counter(Key& key);

// rpIdHash | flags | counter | of_credential, if any | extensions, if not null. Faults apply.
[[nodiscard]] Bytes authenticator_data(const Key& key, BytesView rp_id_hash, Byte flags,
                                       std::uint32_t counter, BytesView of_credential,
                                       const cbor::Value& extensions);
// attestedCredentialData (§6.5.2).
[[nodiscard]] Bytes attested_credential_data(const Credential& credential);

[[nodiscard]] Bytes join(std::initializer_list<BytesView> parts);

}  // namespace countersign::virtual_key
