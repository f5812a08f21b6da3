// SPDX-License-Identifier: Apache-2.0
// Private keys of software tokens as their files hold them: PKCS #8 (RFC 5208), DER.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/secret.h"

struct evp_pkey_st;

namespace countersign::virtual_token {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyHandle = std::unique_ptr<evp_pkey_st, FreeKey>;

[[nodiscard]] Secret to_pkcs8(const evp_pkey_st* key);
[[nodiscard]] KeyHandle from_pkcs8(BytesView der);  // nothing: no such key

}  // namespace countersign::virtual_token
