// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/vault.h"

#include <utility>

#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"

namespace countersign::crypto {
namespace {

constexpr std::size_t id_size = 4;
constexpr std::string_view wrap_identity = "data-keys";

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::authenticator:
      return "authenticator";
    case Purpose::pending:
      return "pending";
    case Purpose::setting:
      return "setting";
  }
  std::unreachable();
}

Bytes associated_data(Purpose purpose, std::string_view identity) {
  Bytes data(name_of(purpose).begin(), name_of(purpose).end());
  data.push_back(0);
  data.insert(data.end(), identity.begin(), identity.end());
  return data;
}

void append_id(Bytes& out, DataKeyId id) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<Byte>(id >> shift));
}

DataKeyId read_id(BytesView in) {
  return static_cast<DataKeyId>(in[0]) << 24U | static_cast<DataKeyId>(in[1]) << 16U |
         static_cast<DataKeyId>(in[2]) << 8U | in[3];
}

}  // namespace

Vault::Vault(Random& random, Secret root_key) : random_(random), root_key_(std::move(root_key)) {
  use(add_data_key());
}

Bytes Vault::wrap() {
  const std::lock_guard lock(mutex_);
  Secret plain(keys_.size() * (id_size + Aead::key_size));
  auto out = plain.expose_mutable().begin();
  for (const auto& [id, key] : keys_) {
    Bytes number;
    append_id(number, id);
    out = std::copy(number.begin(), number.end(), out);
    out = std::copy(key.key.expose().begin(), key.key.expose().end(), out);
  }
  return seal_under_root(random_, root_key_, wrap_identity, plain);
}

Result<std::unique_ptr<Vault>> Vault::unwrap(Random& random, Secret root_key, BytesView wrapped) {
  Result<Secret> plain = open_under_root(root_key, wrap_identity, wrapped);
  if (!plain)
    return fail(Code::corrupt,
                "the root key does not open this store's data keys; it is the key of another "
                "store, or was changed");
  constexpr std::size_t entry = id_size + Aead::key_size;
  if (plain->empty() || plain->size() % entry != 0)
    return fail(Code::corrupt, "the store's list of data keys is malformed");
  std::unique_ptr<Vault> vault(new Vault(random, std::move(root_key), Empty{}));
  for (BytesView rest = plain->expose(); !rest.empty(); rest = rest.subspan(entry))
    vault->keys_[read_id(rest)].key = Secret(rest.subspan(id_size, Aead::key_size));
  vault->current_ = vault->keys_.rbegin()->first;
  return vault;
}

Aead& Vault::aead(DataKey& key, Purpose purpose) {
  std::unique_ptr<Aead>& aead = key.by_purpose[purpose];
  if (!aead)
    aead = std::make_unique<Aead>(hkdf(
        key.key, std::string("countersign seal ") + std::string(name_of(purpose)), Aead::key_size));
  return *aead;
}

Bytes Vault::seal(Purpose purpose, std::string_view identity, const Secret& plain) {
  const Bytes associated = associated_data(purpose, identity);
  const std::lock_guard lock(mutex_);
  Bytes sealed;
  append_id(sealed, current_);
  const Bytes body = aead(keys_.at(current_), purpose).seal(random_, associated, plain.expose());
  sealed.insert(sealed.end(), body.begin(), body.end());
  return sealed;
}

Result<Secret> Vault::open(Purpose purpose, std::string_view identity, BytesView sealed) {
  const Bytes associated = associated_data(purpose, identity);
  const std::lock_guard lock(mutex_);
  const auto key = keys_.find(key_of(sealed));
  if (key == keys_.end())
    return fail(Code::corrupt, "a secret is sealed under a data key that this store does not have");
  return aead(key->second, purpose).open(associated, sealed.subspan(id_size));
}

Bytes Vault::digest_under(DataKeyId id, std::string_view identity, BytesView plain) {
  DataKey& key = keys_.at(id);
  if (key.digest_key.empty()) key.digest_key = hkdf(key.key, "countersign digest", Aead::key_size);
  Secret message(identity.size() + 1 + plain.size());
  auto out = std::copy(identity.begin(), identity.end(), message.expose_mutable().begin());
  std::copy(plain.begin(), plain.end(), out + 1);  // behind the zero that ends the identity
  Bytes result;
  append_id(result, id);
  const Secret mac = hmac_sha256(key.digest_key.expose(), message.expose());
  result.insert(result.end(), mac.expose().begin(), mac.expose().end());
  return result;
}

Bytes Vault::digest(std::string_view identity, BytesView plain) {
  const std::lock_guard lock(mutex_);
  return digest_under(current_, identity, plain);
}

bool Vault::holds(std::string_view identity, BytesView plain, BytesView digest) {
  const std::lock_guard lock(mutex_);
  const DataKeyId id = key_of(digest);
  return keys_.contains(id) && equal_constant_time(digest_under(id, identity, plain), digest);
}

void Vault::replace_root_key(Secret root_key) {
  const std::lock_guard lock(mutex_);
  root_key_ = std::move(root_key);
}

DataKeyId Vault::add_data_key() {
  Secret fresh(Aead::key_size);
  random_.fill(fresh.expose_mutable());
  const std::lock_guard lock(mutex_);
  const DataKeyId id = keys_.empty() ? 1 : keys_.rbegin()->first + 1;
  keys_[id].key = std::move(fresh);
  return id;
}

void Vault::use(DataKeyId id) {
  const std::lock_guard lock(mutex_);
  current_ = id;
}

DataKeyId Vault::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

DataKeyId Vault::key_of(BytesView sealed) {
  return sealed.size() < id_size + Aead::overhead ? 0 : read_id(sealed);
}

void Vault::drop_data_keys_before(DataKeyId id) {
  const std::lock_guard lock(mutex_);
  keys_.erase(keys_.begin(), keys_.lower_bound(std::min(id, current_)));
}

Bytes seal_under_root(Random& random, const Secret& root_key, std::string_view identity,
                      const Secret& plain) {
  return Aead(hkdf(root_key, "countersign wrap", Aead::key_size))
      .seal(random, as_bytes(identity), plain.expose());
}

Result<Secret> open_under_root(const Secret& root_key, std::string_view identity,
                               BytesView sealed) {
  return Aead(hkdf(root_key, "countersign wrap", Aead::key_size)).open(as_bytes(identity), sealed);
}

}  // namespace countersign::crypto
