// SPDX-License-Identifier: Apache-2.0
// The packages of this build, made once for a test program.
#pragma once

#include <string>
#include <vector>

#include "tests/packages/bare_root.h"

namespace countersign::test {

// Paths of the .deb files, of this version or another. Throws with what cpack said.
[[nodiscard]] std::vector<std::string> build_packages(const TemporaryFolder& folder,
                                                      const std::string& version = {});
// A root in which neither the source nor this build is to be seen.
[[nodiscard]] std::unique_ptr<BareRoot> bare_root(BareRoot::First first = BareRoot::First::idle);
// dpkg -i of those whose names begin so. The configuration files that an administrator changed
// stay.
void install(const BareRoot& root, const std::vector<std::string>& packages,
             const std::vector<std::string>& names);
// Paths that are not as this machine has them, without what dpkg, its triggers and the tools for
// accounts keep for themselves.
[[nodiscard]] std::vector<std::string> left_over(const BareRoot& root);

}  // namespace countersign::test
