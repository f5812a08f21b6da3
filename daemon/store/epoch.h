// SPDX-License-Identifier: Apache-2.0
// A small file outside the state folder that says how far the audit chain had come: it notices that
// somebody put back an old copy of the database (T06).
#pragma once

#include <array>

#include "core/audit.h"
#include "core/base/result.h"
#include "daemon/base/safe_file.h"

namespace countersign {

using StoreId = std::array<Byte, 16>;

struct EpochRecord {
  StoreId store{};
  std::int64_t kind = 0;  // the number of the StoreKind on disk
  std::int64_t sequence = 0;
  audit::Digest hash{};
  bool operator==(const EpochRecord&) const = default;
};

// Format: two slots of 512 octets, written in turn, so that a torn write leaves the other:
// "CSEPOCH1", a counter of writes, store id, kind, sequence, hash; then the SHA-256 of all that.
// Numbers are 8 octets big-endian. The valid slot with the higher counter counts. Used by one
// thread at a time.
class Epoch {
 public:
  // not_found: no such file. A file without a valid slot is corrupt.
  [[nodiscard]] static Result<Epoch> open(const std::string& path);
  // In place of what may be there; durable on return.
  [[nodiscard]] static Result<void> create(const std::string& path, const EpochRecord& record);

  [[nodiscard]] const EpochRecord& record() const { return record_; }
  // Without waiting for the disk: an epoch that is behind after a power cut is still one the
  // database has passed.
  [[nodiscard]] Result<void> write(const EpochRecord& record);
  [[nodiscard]] Result<void> sync() const;

 private:
  Epoch(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Descriptor file_;
  std::string path_;
  EpochRecord record_;
  std::int64_t writes_ = 0;
};

}  // namespace countersign
