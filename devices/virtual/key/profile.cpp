// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/profile.h"

#include <algorithm>
#include <array>

namespace countersign::virtual_key {
namespace {

constexpr std::array usual{Algorithm::es256, Algorithm::eddsa};
constexpr std::array every{Algorithm::es256, Algorithm::eddsa, Algorithm::rs256};
constexpr std::array profiles{
    Profile{.name = "no-pin", .client_pin = false, .algorithms = usual},
    Profile{.name = "pin", .algorithms = usual},
    Profile{.name = "uv", .built_in_uv = true, .algorithms = usual},
    Profile{.name = "u2f",
            .ctap2 = false,
            .client_pin = false,
            .algorithms = std::span(usual).first(1)},
    Profile{.name = "full", .built_in_uv = true, .config = true, .algorithms = every},
};

}  // namespace

std::optional<Profile> profile_named(std::string_view name) {
  const auto found = std::ranges::find(profiles, name, &Profile::name);
  return found == profiles.end() ? std::nullopt : std::optional(*found);
}

}  // namespace countersign::virtual_key
