// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sign_in_shared.h"

#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "core/engine/lookup.h"

namespace countersign::engine {
namespace {

constexpr Milliseconds slept{2'000};  // the two clocks are not read at the same instant

// The secret of a setting; a fresh one, and the write that keeps it, when there is none.
Result<Secret> sealed_setting(Context& context, const char* name, Change& at_start, auto&& make) {
  Setting setting = TRY(setting_or_new(context, name));
  if (!setting.value.empty())
    return context.vault.open(crypto::Purpose::setting, name, setting.value);
  Secret fresh = make();
  setting.value = context.vault.seal(crypto::Purpose::setting, name, fresh);
  at_start.writes.emplace_back(std::move(setting));
  return fresh;
}

}  // namespace

void Graces::grant(const std::string& session, UserId user, Moment at) {
  const std::lock_guard lock(mutex_);
  if (given_.size() >= most && !given_.contains(session)) given_.erase(given_.begin());
  given_[session] = {user, at};
}

bool Graces::holds(const std::string& session, UserId user, Milliseconds lasts, Moment at) {
  const std::lock_guard lock(mutex_);
  const auto found = given_.find(session);
  if (session.empty() || found == given_.end()) return false;
  const Given& given = found->second;
  const Milliseconds asleep = (at.since_boot - at.awake) - (given.at.since_boot - given.at.awake);
  if (at.since_boot < given.at.since_boot || at.since_boot - given.at.since_boot >= lasts ||
      asleep > slept) {
    given_.erase(found);
    return false;
  }
  return given.user == user;
}

void Graces::end(const std::string& session) {
  const std::lock_guard lock(mutex_);
  if (session.empty())
    given_.clear();
  else
    given_.erase(session);
}

void Graces::end_of(UserId user) {
  const std::lock_guard lock(mutex_);
  std::erase_if(given_, [&](const auto& each) { return each.second.user == user; });
}

Result<Change> load_sign_ins(Context& context) {
  SignInShared& shared = context.sign_ins;
  Change at_start;
  const Setting stored = TRY(setting_or_new(context, policies_setting));
  if (!stored.value.empty()) {
    Policies policies = TRY(decode_policies(stored.value));
    shared.policies.use({std::move(policies), stored.generation});
  }
  const auto receipt = TRY(sealed_setting(context, receipt_key_setting, at_start,
                                          [] { return crypto::Es256Key::generate().pkcs8(); }));
  auto key = TRY(crypto::Es256Key::from_pkcs8(receipt));
  const crypto::Sha256 digest = crypto::sha256(key.spki());
  shared.receipt_key_id = formats::base64url(BytesView(digest).first(16));
  shared.receipt_key.emplace(std::move(key));
  const auto random_key = [&] {
    Secret fresh(32);
    context.random.fill(fresh.expose_mutable());
    return fresh;
  };
  auto cookie = sealed_setting(context, cookie_key_setting, at_start, random_key);
  auto salt = sealed_setting(context, site_salt_setting, at_start, random_key);
  if (!cookie) return std::unexpected(cookie.error());
  if (!salt) return std::unexpected(salt.error());
  shared.cookie_key = std::move(*cookie);
  shared.site_salt = std::move(*salt);
  return at_start;
}

}  // namespace countersign::engine
