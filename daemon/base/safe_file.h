// SPDX-License-Identifier: Apache-2.0
// Opening state, key and config files without being led astray by whoever may write nearby (T20).
#pragma once

#include <string>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign {

enum class FileUse {
  config,      // others may read it, nobody else may write it
  secret,      // keys and state: nobody else may read it either
  credential,  // what systemd put into $CREDENTIALS_DIRECTORY: root's, with an entry for us in its
               // access list, or ours
};

// All of these: what is wrong is Code::not_permitted with the path and the command that mends it;
// absent is not_found; an I/O error is unavailable. Owner must be this process's effective user or
// root. Only the last component is held to be no symlink: the folders above belong to whoever chose
// the path.

// access: O_RDONLY or O_RDWR. Never blocks on a FIFO, never a terminal, closed on exec.
[[nodiscard]] Result<Descriptor> open_safely(const std::string& path, FileUse use, int access);
[[nodiscard]] Result<void> require_safe_folder(const std::string& path, FileUse use);
// Whole content; more than `most` octets is refused as invalid.
[[nodiscard]] Result<std::string> read_config_file(const std::string& path, std::size_t most);
[[nodiscard]] Result<Secret> read_secret_file(const std::string& path, std::size_t most,
                                              FileUse use = FileUse::secret);

// A file that must not exist yet (Code::exists), mode 0600; when this returns, content and name are
// on the disk. After an error there is no such file.
[[nodiscard]] Result<void> write_new_file(const std::string& path, BytesView content);
// The same in place of what may be there: readers see the old content or the new.
[[nodiscard]] Result<void> replace_file(const std::string& path, BytesView content);
// Makes the names inside a folder durable.
[[nodiscard]] Result<void> sync_folder(const std::string& path);
// "/a/b" of "/a/b/c"; "." when there is no slash.
[[nodiscard]] std::string parent_folder(const std::string& path);

}  // namespace countersign
