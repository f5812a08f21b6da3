// SPDX-License-Identifier: Apache-2.0
// The value that an application keeps in a browser's __Host- cookie: the machine's id, 256 random
// bits, and a tag under this store's key, all in base64url. The store has a hash of the random bits
// alone. By the tag a value of the past is told from one that was never given out, without keeping
// the past: its reuse blocks the machine, a forgery does nothing (T36). The value before the
// present one counts until that one was used, since the answer with it may have been lost.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/id.h"
#include "core/base/random.h"
#include "core/base/secret.h"

namespace countersign::engine {

struct BrowserCookie {
  MachineId machine;
  Bytes handle;  // 16 octets: what the store finds it by
  std::string value;
};
[[nodiscard]] BrowserCookie make_cookie(Random& random, const Secret& key, MachineId machine);
// Nothing when this key did not make it.
[[nodiscard]] std::optional<BrowserCookie> read_cookie(const Secret& key, std::string_view value);

}  // namespace countersign::engine
