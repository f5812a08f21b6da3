// SPDX-License-Identifier: Apache-2.0
#include "core/caller.h"

#include <algorithm>
#include <cstring>

#include "core/crypto/hash.h"

namespace countersign {

std::uint64_t caller_key(const Caller& caller) {
  const std::string uid = std::to_string(caller.uid) + ":";
  const auto digest = crypto::sha256({as_bytes(uid), as_bytes(caller.service)});
  std::uint64_t key = 0;
  std::memcpy(&key, digest.data(), sizeof key);
  return std::max<std::uint64_t>(key >> 1U, 1);  // stays positive as a database integer
}

}  // namespace countersign
