// SPDX-License-Identifier: Apache-2.0
// Stores to test, and changes to give them.
#pragma once

#include <memory>
#include <string>

#include "core/ports/store.h"
#include "daemon/store/sqlite_store.h"
#include "tests/fakes/memory_store.h"

namespace countersign::store_test {

// A folder of its own, mode 0700, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

[[nodiscard]] std::shared_ptr<const crypto::Signer> test_signer();

// The two implementations behind one face; reopen() leaves nothing but what is durable.
struct Memory {
  fakes::MemoryStore store_object;
  [[nodiscard]] Store& store() { return store_object; }
  [[nodiscard]] const Bytes& public_key() const { return store_object.public_key(); }
  void reopen() {}
};

struct Sqlite {
  TemporaryFolder folder;
  std::unique_ptr<SqliteStore> opened;

  Sqlite();
  [[nodiscard]] Store& store() { return *opened; }
  [[nodiscard]] const Bytes& public_key() const { return test_signer()->public_key(); }
  [[nodiscard]] SqliteStore::Options options() const;
  void reopen();
};

// Waits for done.
[[nodiscard]] Result<Applied> commit(Store& store, Change change);
[[nodiscard]] bool applied(const Result<Applied>& result);
[[nodiscard]] bool conflicted(const Result<Applied>& result);
[[nodiscard]] bool failed(const auto& result, Code code) {
  return !result.has_value() && result.error().code == code;
}

[[nodiscard]] User user(std::int64_t id, const std::string& name);
[[nodiscard]] Authenticator totp(std::int64_t id, std::int64_t user_id);
[[nodiscard]] audit::Event event(const std::string& action);
[[nodiscard]] Advance advance(const Authenticator& read, std::int64_t counter);

// Walks the whole chain from the checkpoint to the signed head, both signatures included.
[[nodiscard]] Result<void> verify_chain(Store& store, const Bytes& public_key);

}  // namespace countersign::store_test
