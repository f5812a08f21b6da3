// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/upkeep.h"
#include "core/engine/administration/validation_clients.h"

#include <charconv>
#include <future>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/enrollment/card_issuing.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/sign_in_shared.h"

namespace countersign::engine {
namespace {

const Caller daemon_itself{};

// For operations that a worker thread runs from end to end.
Result<Applied> commit_and_wait(Context& context, Change change) {
  std::promise<Result<Applied>> promise;
  auto result = promise.get_future();
  context.store.commit(std::move(change), [&promise](Result<Applied> applied) {
    promise.set_value(std::move(applied));
  });
  return result.get();
}

}  // namespace

void rotate_data_key(Context& context, Caller caller, Then<crypto::DataKeyId> then) {
  const crypto::DataKeyId fresh = context.vault.add_data_key();
  apply<crypto::DataKeyId>(
      context,
      [&context, caller = std::move(caller), fresh]() -> Result<Prepared<crypto::DataKeyId>> {
        Result<Setting> keys = setting_or_new(context, data_keys_setting);
        Result<Setting> reseal = setting_or_new(context, reseal_setting);
        if (!keys) return std::unexpected(keys.error());
        if (!reseal) return std::unexpected(reseal.error());
        keys->value = context.vault.wrap();
        reseal->value = {1};
        Change change;
        change.writes.emplace_back(std::move(*keys));
        change.writes.emplace_back(std::move(*reseal));
        change.events.push_back(event_of(context, caller, "key.rotate"));
        change.events.back().details.emplace_back("data_key", std::to_string(fresh));
        return Prepared<crypto::DataKeyId>{.change = std::move(change), .answer = fresh};
      },
      [&context, then = std::move(then)](Result<crypto::DataKeyId> made) mutable {
        if (made) context.vault.use(*made);
        then(std::move(made));
      });
}

Result<bool> reseal_needed(Context& context) {
  const Setting setting = TRY(setting_or_new(context, reseal_setting));
  return !setting.value.empty();
}

namespace {

// Settings that are sealed themselves; few, so that they are sealed again with the end.
Result<void> reseal_settings(Context& context, Change& change) {
  const SignInShared& shared = context.sign_ins;
  const auto seal_again = [&](const char* name, const Secret& plain) -> Result<void> {
    Setting setting = TRY(setting_or_new(context, name));
    setting.value = context.vault.seal(crypto::Purpose::setting, name, plain);
    change.writes.emplace_back(std::move(setting));
    return {};
  };
  if (auto setting = context.store.setting(validation_clients_setting);
      setting && !setting->value.empty()) {
    const Secret plain = TRY(
        context.vault.open(crypto::Purpose::setting, validation_clients_setting, setting->value));
    TRY(seal_again(validation_clients_setting, plain));
  } else if (!setting && setting.error().code != Code::not_found) {
    return std::unexpected(setting.error());
  }
  if (!shared.receipt_key) return {};
  TRY(seal_again(receipt_key_setting, shared.receipt_key->pkcs8()));
  TRY(seal_again(cookie_key_setting, shared.cookie_key));
  return seal_again(site_salt_setting, shared.site_salt);
}

// The end of a re-sealing: the old keys go, from the store first.
void finish_reseal(Context& context, Then<AuthenticatorId> then) {
  apply<AuthenticatorId>(
      context,
      [&context]() -> Result<Prepared<AuthenticatorId>> {
        Result<Setting> keys = setting_or_new(context, data_keys_setting);
        Result<Setting> reseal = setting_or_new(context, reseal_setting);
        if (!keys) return std::unexpected(keys.error());
        if (!reseal) return std::unexpected(reseal.error());
        Change change;
        TRY(reseal_settings(context, change));
        auto settings = TRY(resealed_settings(context));
        for (Setting& each : settings) change.writes.emplace_back(std::move(each));
        context.vault.drop_data_keys_before(context.vault.current());
        keys->value = context.vault.wrap();
        reseal->value.clear();
        change.writes.emplace_back(std::move(*keys));
        change.writes.emplace_back(std::move(*reseal));
        change.events.push_back(event_of(context, daemon_itself, "key.resealed"));
        change.events.back().actor = "daemon";
        return Prepared<AuthenticatorId>{.change = std::move(change), .answer = {}};
      },
      std::move(then));
}

}  // namespace

void reseal_some(Context& context, AuthenticatorId after, std::size_t limit,
                 Then<AuthenticatorId> then) {
  const auto batch = context.store.authenticators({.after = after, .limit = limit});
  if (!batch) return then(std::unexpected(batch.error()));
  if (batch->empty()) return finish_reseal(context, std::move(then));
  apply<AuthenticatorId>(
      context,
      [&context, after, limit]() -> Result<Prepared<AuthenticatorId>> {
        auto rows = TRY(context.store.authenticators({.after = after, .limit = limit}));
        if (rows.empty()) return Prepared<AuthenticatorId>{.change = {}, .answer = after};
        const AuthenticatorId last = rows.back().id;
        Change change;
        for (Authenticator& row : rows) {
          if (row.material.empty() ||
              crypto::Vault::key_of(row.material) == context.vault.current())
            continue;
          const std::string identity = to_text(row.id);
          const Secret plain =
              TRY(context.vault.open(crypto::Purpose::authenticator, identity, row.material));
          row.material = context.vault.seal(crypto::Purpose::authenticator, identity, plain);
          change.writes.emplace_back(std::move(row));
        }
        return Prepared<AuthenticatorId>{.change = std::move(change), .answer = last};
      },
      std::move(then));
}

Bytes encode(std::int64_t number) {
  const std::string text = std::to_string(number);
  return {text.begin(), text.end()};
}

std::int64_t decode_number(BytesView bytes) {
  std::int64_t number = 0;
  const std::string_view text = as_text(bytes);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

Bytes encode(const ClockBaseline& baseline) {
  const std::string text = baseline.boot_id + " " + std::to_string(baseline.offset.count());
  return {text.begin(), text.end()};
}

std::optional<ClockBaseline> decode_baseline(BytesView bytes) {
  const std::string_view text = as_text(bytes);
  const auto space = text.rfind(' ');
  if (space == std::string_view::npos) return std::nullopt;
  return ClockBaseline{std::string(text.substr(0, space)),
                       Milliseconds(decode_number(bytes.subspan(space + 1)))};
}

void keep_clock_baseline(Context& context) {
  const std::optional<ClockBaseline> baseline = context.clock.baseline_to_store();
  if (!baseline) return;
  Result<Setting> setting = setting_or_new(context, clock_setting);
  if (!setting) return;
  setting->value = encode(*baseline);
  Change change;
  change.writes.emplace_back(std::move(*setting));
  context.store.commit(std::move(change),
                       [](Result<Applied>) {});  // without it the next start takes a new baseline
}

namespace {

// The codes that these kinds used up after the copy was made can't be known.
Result<int> suspend_all(Context& context, Kind kind) {
  int suspended = 0;
  AuthenticatorId after;
  while (true) {
    auto rows = TRY(context.store.authenticators(
        {.after = after, .limit = 500, .kind = kind, .status = Status::active}));
    if (rows.empty()) return suspended;
    after = rows.back().id;
    Change change;
    for (Authenticator& row : rows) {
      row.status = Status::suspended;
      change.writes.emplace_back(std::move(row));
    }
    const auto count = static_cast<int>(change.writes.size());
    const Applied applied = TRY(commit_and_wait(context, std::move(change)));
    if (applied == Applied::conflict)
      after = {};  // somebody changed one meanwhile: look again
    else
      suspended += count;
  }
}

}  // namespace

void resync_store(Context& context, Caller caller, Then<int> then) {
  int suspended = 0;
  const bool restored = context.store.restored();
  if (restored)
    for (const Kind kind : {Kind::hotp, Kind::backup_codes}) {
      const Result<int> some = suspend_all(context, kind);
      if (!some) return then(std::unexpected(some.error()));
      suspended += *some;
    }
  context.clock.accept();
  const std::int64_t floor = unix_ms(context.clock.read().now);
  apply<int>(
      context,
      [&context, caller = std::move(caller), floor, suspended,
       restored]() -> Result<Prepared<int>> {
        Setting setting = TRY(setting_or_new(context, floor_setting));
        setting.value = encode(floor);
        Change change;
        if (restored) change.writes.emplace_back(std::move(setting));
        change.events.push_back(event_of(context, caller, "store.resync"));
        change.events.back().details.emplace_back("restored", restored ? "yes" : "no");
        change.events.back().details.emplace_back("suspended", std::to_string(suspended));
        return Prepared<int>{.change = std::move(change), .answer = suspended};
      },
      [&context, floor, restored, then = std::move(then)](Result<int> done) mutable {
        if (!done) return then(std::move(done));
        if (restored) {
          context.floor = floor;
          if (auto accepted = context.store.accept_restored(); !accepted)
            return then(std::unexpected(accepted.error()));
        }
        keep_clock_baseline(context);
        then(std::move(done));
      });
}

}  // namespace countersign::engine
