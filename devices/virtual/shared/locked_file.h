// SPDX-License-Identifier: Apache-2.0
// What a software token remembers, in one file of mode 0600.
#pragma once

#include <string>
#include <utility>

#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::virtual_token {

// One program at a time has it: FILE.lock is locked while this lives. Without a path nothing is
// kept.
class LockedFile {
 public:
  // unavailable: another program has it.
  [[nodiscard]] static Result<LockedFile> open(std::string path);
  [[nodiscard]] const std::string& path() const { return path_; }
  // In place of what was there: others see the old content or the new, also after kill -9. Not
  // synced to the disk: a power cut may bring the last seconds back.
  [[nodiscard]] Result<void> write(BytesView content) const;

 private:
  LockedFile(std::string path, Descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  Descriptor lock_;
};

// The content as it is, with no lock. not_found: no such file. invalid: not a file, or beyond 16
// MiB.
[[nodiscard]] Result<Secret> read_content(const std::string& path);

}  // namespace countersign::virtual_token
