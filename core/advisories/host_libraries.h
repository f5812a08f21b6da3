// SPDX-License-Identifier: Apache-2.0
// Libraries on this host that had holes, by package, from firmware-notes/host-libraries.toml: what
// `doctor` looks at.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace countersign {

struct HostLibrary {
  std::vector<std::string> packages;  // Debian's names; each is looked at
  std::string id;                     // of the advisory
  std::vector<std::string> also;
  std::string fixed;  // upstream's first good version
  std::string since;  // upstream's first bad one; empty: all before fixed
  std::vector<std::pair<std::string, std::string>>
      fixed_in;  // "debian-12" (os-release ID, VERSION_ID) → package version
  std::string about;
  std::string avoided;  // why it does not affect Countersign; empty: it does
};

// Made at the first call; for good.
[[nodiscard]] const std::vector<HostLibrary>& known_host_libraries();

}  // namespace countersign
