// SPDX-License-Identifier: Apache-2.0
// Sealing at rest: a root key wraps data keys, each purpose has its own key derived from a data
// key, and each sealed value is bound to the row it belongs to (T11).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/aead.h"

namespace countersign::crypto {

// What a sealed value is for; part of its key and of its associated data.
enum class Purpose { authenticator, pending, setting };

using DataKeyId = std::uint32_t;

// A sealed value is: data key id as 4 octets big-endian | nonce | ciphertext | tag. Any thread may
// call.
class Vault {
 public:
  Vault(Random& random, Secret root_key);  // with one fresh data key

  // The data keys, wrapped by the root key, as stored. unwrap: corrupt when the root key is
  // another.
  [[nodiscard]] Bytes wrap();
  [[nodiscard]] static Result<std::unique_ptr<Vault>> unwrap(Random& random, Secret root_key,
                                                             BytesView wrapped);
  // From now on wrap() uses this root key.
  void replace_root_key(Secret root_key);

  // identity: which row the value belongs to, for example the authenticator's id as text.
  [[nodiscard]] Bytes seal(Purpose purpose, std::string_view identity, const Secret& plain);
  [[nodiscard]] Result<Secret> open(Purpose purpose, std::string_view identity, BytesView sealed);

  // A keyed digest for what is compared and never opened: data key id as 4 octets | HMAC-SHA-256
  // under a key of its own, bound to the identity (T10). holds(): whether the plain text is the one
  // that was digested, in constant time.
  [[nodiscard]] Bytes digest(std::string_view identity, BytesView plain);
  [[nodiscard]] bool holds(std::string_view identity, BytesView plain, BytesView digest);

  // A fresh data key, part of wrap() at once; sealing goes on with the old one until use(), so that
  // the new one can be made durable first. Older keys go on opening what they sealed.
  DataKeyId add_data_key();
  void use(DataKeyId id);
  [[nodiscard]] DataKeyId current() const;
  [[nodiscard]] static DataKeyId key_of(BytesView sealed);  // 0: not a sealed value
  void drop_data_keys_before(DataKeyId id);

 private:
  struct DataKey {
    Secret key;
    std::map<Purpose, std::unique_ptr<Aead>> by_purpose;
    Secret digest_key;  // made when first used
  };
  struct Empty {};
  Vault(Random& random, Secret root_key, Empty) : random_(random), root_key_(std::move(root_key)) {}
  Aead& aead(DataKey& key, Purpose purpose);
  [[nodiscard]] Bytes digest_under(DataKeyId id, std::string_view identity, BytesView plain);

  Random& random_;
  mutable std::mutex mutex_;
  Secret root_key_;
  std::map<DataKeyId, DataKey> keys_;
  DataKeyId current_ = 0;  // which of them seals
};

// Secrets that the root key seals itself, such as the audit signing key.
[[nodiscard]] Bytes seal_under_root(Random& random, const Secret& root_key,
                                    std::string_view identity, const Secret& plain);
[[nodiscard]] Result<Secret> open_under_root(const Secret& root_key, std::string_view identity,
                                             BytesView sealed);

}  // namespace countersign::crypto
