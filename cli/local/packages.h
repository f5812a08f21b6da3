// SPDX-License-Identifier: Apache-2.0
// Which packages this host has: Debian's database, asked by Debian's own programs. Each call runs
// one, for two seconds at most.
#pragma once

#include <optional>
#include <string>

namespace countersign::cli {

// Whether there is a database to ask.
[[nodiscard]] bool has_packages();
// None: not installed, or it can't be told.
[[nodiscard]] std::optional<std::string> installed_version(const std::string& package);
// As Debian orders versions (deb-version(7)). None: it can't be told.
[[nodiscard]] std::optional<bool> at_least(const std::string& version, const std::string& other);
// "debian-12": ID and VERSION_ID of os-release(5); empty: not said.
[[nodiscard]] std::string distribution();

}  // namespace countersign::cli
