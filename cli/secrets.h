// SPDX-License-Identifier: Apache-2.0
// Where commands take secrets from: files, standard input, the person. Never the command line,
// one-time codes apart.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::cli {

// "-" is standard input. One line at most 4096 bytes; the line's end is taken off.
[[nodiscard]] Result<Secret> read_secret(const std::string& path);
// The whole file, at most so many octets: a key in PEM.
[[nodiscard]] Result<Secret> read_secret_text(const std::string& path, std::size_t most);
// Asks on the terminal. hidden: what is typed is not shown. invalid when there is no terminal;
// instead: the options that give it without one.
[[nodiscard]] Result<Secret> ask(const std::string& prompt, bool hidden,
                                 const std::string& instead = {});

// For files that hold secrets: mode 0600, must not exist yet.
[[nodiscard]] Result<void> write_private_file(const std::string& path, BytesView content);

}  // namespace countersign::cli
