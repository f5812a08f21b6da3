// SPDX-License-Identifier: Apache-2.0
// The small authority of the store, which issues certificates for cards
// (enrollment/card_issuing.h).
#pragma once

#include <utility>

#include "core/crypto/certificate_authority.h"
#include "core/engine/context.h"

namespace countersign::engine {

inline constexpr const char* authority_setting = "card-authority";

// not_found: none was made.
[[nodiscard]] Result<crypto::CertificateAuthority> authority_of(Context& context);
[[nodiscard]] Result<crypto::Certificate> authority_certificate(Context& context);

// Its certificate (DER) and its key, sealed.
[[nodiscard]] Result<std::pair<Bytes, Bytes>> stored_authority(Context& context);

}  // namespace countersign::engine
