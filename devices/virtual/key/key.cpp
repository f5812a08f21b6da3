// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/key.h"

#include <algorithm>

namespace countersign::virtual_key {

Credential* Key::find(BytesView id) {
  const auto found = std::ranges::find_if(
      state.credentials, [&](const Credential& each) { return std::ranges::equal(each.id, id); });
  return found == state.credentials.end() ? nullptr : &*found;
}

std::size_t Key::count(bool discoverable) const {
  return static_cast<std::size_t>(
      std::ranges::count(state.credentials, discoverable, &Credential::discoverable));
}

void Key::erase(BytesView id) {
  std::erase_if(state.credentials,
                [&](const Credential& each) { return std::ranges::equal(each.id, id); });
}

}  // namespace countersign::virtual_key
