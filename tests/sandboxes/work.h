// SPDX-License-Identifier: Apache-2.0
// Everything that libcrypto is asked for anywhere, each by name. The names come from the tables of
// what is offered, so that an algorithm which is added there is tried here, or fails.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace countersign::test {

struct Work {
  std::string name;
  std::function<bool()> run;  // makes what it needs by itself; whether it came out right
};
[[nodiscard]] const std::vector<Work>& all_work();

// AES as files have it: key wrap, or CBC with its IV in front. By libcrypto's other direction of
// it.
[[nodiscard]] Bytes encrypted(bool wrap, BytesView key, BytesView plain);

}  // namespace countersign::test
