// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/validation_clients.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/text.h"
#include "core/encoding/cbor.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;

constexpr const char* setting_name = validation_clients_setting;
constexpr std::size_t most = 1000, key_size = 20;
constexpr std::int64_t number_key = 1, name_key = 2, created_key = 3, revoked_key = 4, key_key = 5;

// Sealed as a whole: the list is short and changes rarely.
Bytes encode(Context& context, const std::vector<ValidationClient>& clients) {
  cbor::Value::Array items;
  for (const ValidationClient& each : clients) {
    const BytesView key = each.key.expose();
    items.push_back(cbor::Value::map({{number_key, each.number},
                                      {name_key, each.name},
                                      {created_key, unix_ms(each.created)},
                                      {revoked_key, std::int64_t{each.revoked}},
                                      {key_key, Bytes(key.begin(), key.end())}}));
  }
  Bytes plain = cbor::encode(cbor::Value::array(std::move(items)));
  const Secret secret{BytesView(plain)};
  wipe(plain.data(), plain.size());
  return context.vault.seal(crypto::Purpose::setting, setting_name, secret);
}

Result<std::vector<ValidationClient>> decode(Context& context, const Setting& stored) {
  std::vector<ValidationClient> clients;
  if (stored.value.empty()) return clients;
  const Secret plain =
      TRY(context.vault.open(crypto::Purpose::setting, setting_name, stored.value));
  const Result<cbor::Value> list = cbor::parse(plain.expose());
  if (!list || list->array() == nullptr)
    return fail(Code::corrupt, "the stored list of validation clients is malformed");
  for (const cbor::Value& item : *list->array()) {
    const auto* name = item.text_at(name_key);
    const auto* key = item.bytes_at(key_key);
    if (name == nullptr || key == nullptr)
      return fail(Code::corrupt, "the stored list of validation clients is malformed");
    clients.push_back({.number = item.integer_at(number_key).value_or(0),
                       .name = *name,
                       .created = from_unix_ms(item.integer_at(created_key).value_or(0)),
                       .revoked = item.integer_at(revoked_key).value_or(1) != 0,
                       .key = Secret(BytesView(*key))});
  }
  return clients;
}

struct Loaded {
  Setting setting;
  std::vector<ValidationClient> clients;
};
Result<Loaded> load(Context& context) {
  Setting setting = TRY(setting_or_new(context, setting_name));
  auto clients = TRY(decode(context, setting));
  return Loaded{std::move(setting), std::move(clients)};
}

Change change_to(Context& context, const Caller& caller, Loaded loaded,
                 const ValidationClient& about, const char* action) {
  Change change;
  change.events.push_back(event_of(context, caller, action));
  change.events.back().details.emplace_back("client", std::to_string(about.number));
  change.events.back().details.emplace_back("name", about.name);
  loaded.setting.value = encode(context, loaded.clients);
  change.writes.emplace_back(std::move(loaded.setting));
  return change;
}

ValidationClient copy_of(const ValidationClient& client, bool with_key) {
  return {.number = client.number,
          .name = client.name,
          .created = client.created,
          .revoked = client.revoked,
          .key = with_key ? client.key.copy() : Secret()};
}

}  // namespace

void add_validation_client(Context& context, Caller caller, std::string name,
                           Then<ValidationClient> then) {
  if (auto held = require_plain_text("name", name, 64); !held)
    return then(std::unexpected(held.error()));
  apply<ValidationClient>(
      context,
      [&context, caller = std::move(caller),
       name = std::move(name)]() -> Result<Prepared<ValidationClient>> {
        Loaded loaded = TRY(load(context));
        if (loaded.clients.size() >= most)
          return fail(Code::exhausted, "there are 1000 validation clients, and no more are taken");
        ValidationClient fresh{
            .number = loaded.clients.empty() ? 1 : loaded.clients.back().number + 1,
            .name = name,
            .created = context.clock.read().now,
            .key = Secret(key_size)};
        context.random.fill(fresh.key.expose_mutable());
        loaded.clients.push_back(copy_of(fresh, true));
        Change change = change_to(context, caller, std::move(loaded), fresh, "client.add");
        return Prepared<ValidationClient>{.change = std::move(change), .answer = std::move(fresh)};
      },
      std::move(then));
}

void revoke_validation_client(Context& context, Caller caller, std::int64_t number,
                              Then<std::monostate> then) {
  apply<std::monostate>(
      context,
      [&context, caller = std::move(caller), number]() -> Result<Prepared<std::monostate>> {
        Loaded loaded = TRY(load(context));
        const auto found = std::ranges::find(loaded.clients, number, &ValidationClient::number);
        if (found == loaded.clients.end())
          return fail(Code::not_found, "there is no validation client " + std::to_string(number));
        if (found->revoked) return Prepared<std::monostate>{};
        found->revoked = true;
        const ValidationClient about = copy_of(*found, false);
        return Prepared<std::monostate>{
            .change = change_to(context, caller, std::move(loaded), about, "client.revoke"),
            .answer = {}};
      },
      std::move(then));
}

Result<std::vector<ValidationClient>> validation_clients(Context& context) {
  Loaded loaded = TRY(load(context));
  std::vector<ValidationClient> out;
  out.reserve(loaded.clients.size());
  for (const ValidationClient& each : loaded.clients) out.push_back(copy_of(each, false));
  return out;
}

Result<ValidationClient> validation_client(Context& context, std::int64_t number) {
  Loaded loaded = TRY(load(context));
  const auto found = std::ranges::find(loaded.clients, number, &ValidationClient::number);
  if (found == loaded.clients.end())
    return fail(Code::not_found, "there is no validation client " + std::to_string(number));
  return std::move(*found);
}

}  // namespace countersign::engine
