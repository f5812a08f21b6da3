// SPDX-License-Identifier: Apache-2.0
// Libraries of others with known holes: what `doctor` says of those that are installed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/local/finding.h"
#include "core/advisories/host_libraries.h"

namespace countersign::cli {

// What is asked of the host, see packages.h.
struct HostPackages {
  std::function<std::optional<std::string>(const std::string& package)> installed;
  std::function<std::optional<bool>(const std::string& version, const std::string& other)> at_least;
  std::string distribution;
};

// One finding for each installed package and hole that is not known to be mended, or one that says
// all is well.
[[nodiscard]] std::vector<Finding> check_host_libraries(const std::vector<HostLibrary>& libraries,
                                                        const HostPackages& host);

}  // namespace countersign::cli
