// SPDX-License-Identifier: Apache-2.0
// What `doctor` looks at on this host, besides the daemon and its packages: each check reads files
// below a root, which is / but in tests.
#pragma once

#include <filesystem>
#include <vector>

#include "cli/local/finding.h"

namespace countersign::cli {

// Security keys whose node the reader (where it is installed), or else who runs this, may not read
// and write.
[[nodiscard]] std::vector<Finding> check_token_nodes(const std::filesystem::path& root);

// pcscd without its socket, or behind a polkit that does not let the reader in. Nothing where pcscd
// is not installed.
[[nodiscard]] std::vector<Finding> check_pcscd(const std::filesystem::path& root);

// GnuPG's scdaemon takes a card for itself until it ends, unless it is told to share. Nothing where
// none runs; asker: root is told of everybody's, others of their own.
[[nodiscard]] std::vector<Finding> check_scdaemon(const std::filesystem::path& root, uid_t asker);

// Login services whose stack does not name the module, or never reaches it; lines of any stack with
// first=passed that are reached without it (T51); and sshd where it does not ask, or takes a code
// without the key that the stack speaks of (sshd_config(5)).
[[nodiscard]] std::vector<Finding> check_pam(const std::filesystem::path& root);

// The first words of a file; empty: it can't be read. For the checks.
[[nodiscard]] std::string file_text(const std::filesystem::path& path);

}  // namespace countersign::cli
