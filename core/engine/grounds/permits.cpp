// SPDX-License-Identifier: Apache-2.0
#include "core/engine/grounds/permits.h"

#include <algorithm>
#include <memory>

#include "core/base/text.h"
#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "core/encoding/cbor.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/grounds/bootstrap.h"
#include "core/engine/lookup.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;

enum Key : std::int64_t { uid_key = 1, basis_key, kind_key, expires_key, rows_key };

struct Kept {
  std::uint32_t uid = 0;
  Basis basis;
  std::string kind;
  Time expires{};
  std::vector<std::string> rows;  // not used yet
};

std::string setting_of(const std::string& id) { return "permit " + id; }

Bytes encode(const Kept& kept) {
  cbor::Value::Array rows;
  for (const std::string& row : kept.rows) rows.emplace_back(row);
  return cbor::encode(
      cbor::Value::map({{std::int64_t{uid_key}, std::int64_t{kept.uid}},
                        {std::int64_t{basis_key}, kept.basis.text()},
                        {std::int64_t{kind_key}, kept.kind},
                        {std::int64_t{expires_key}, unix_ms(kept.expires)},
                        {std::int64_t{rows_key}, cbor::Value::array(std::move(rows))}}));
}

Result<Kept> decode(BytesView octets) {
  const auto map = TRY(cbor::parse(octets, {.depth = 2, .items = longest_permit + 16}));
  const auto at = [](Key key) { return std::int64_t{key}; };
  const std::string* basis = map.text_at(at(basis_key));
  const std::string* kind = map.text_at(at(kind_key));
  const auto uid = map.integer_at(at(uid_key));
  const auto expires = map.integer_at(at(expires_key));
  const auto* rows = map.array_at(at(rows_key));
  if (basis == nullptr || kind == nullptr || rows == nullptr || !uid || !expires)
    return fail(Code::corrupt, "a permit in the store is damaged; put back a backup");
  auto known = TRY(Basis::from_text(*basis));
  Kept kept{.uid = static_cast<std::uint32_t>(*uid),
            .basis = std::move(known),
            .kind = *kind,
            .expires = from_unix_ms(*expires),
            .rows = {}};
  for (const cbor::Value& row : *rows)
    if (row.text() != nullptr) kept.rows.push_back(*row.text());
  return kept;
}

}  // namespace

std::string list_digest(std::string_view kind, const std::vector<std::string>& rows) {
  // Each row as its length and its octets, so that no two lists look alike.
  std::string all = "countersign-list-v1\n" + std::string(kind) + "\n";
  for (const std::string& row : rows) all += std::to_string(row.size()) + ":" + row + "\n";
  return formats::base64url(crypto::sha256({as_bytes(all)}));
}

void make_permit(Context& context, NewPermit wanted, Then<Permit> then) {
  if (wanted.rows.empty() || wanted.rows.size() > longest_permit)
    return then(fail(Code::invalid, "a permit has 1 to " + std::to_string(longest_permit) +
                                        " rows: split the list"));
  auto shared = std::make_shared<NewPermit>(std::move(wanted));
  Bytes random(16);
  context.random.fill(random);
  apply<Permit>(
      context,
      [&context, shared, id = formats::base64url(random)]() -> Result<Prepared<Permit>> {
        const Time expires = context.clock.read().now + permit_lives;
        Change change;
        change.writes.emplace_back(Setting{.name = setting_of(id),
                                           .value = encode({.uid = shared->caller.uid,
                                                            .basis = shared->basis,
                                                            .kind = shared->kind,
                                                            .expires = expires,
                                                            .rows = shared->rows})});
        change.events.push_back(event_of(context, shared->caller, "permit"));
        change.events.back().details = {{"kind", shared->kind},
                                        {"rows", std::to_string(shared->rows.size())},
                                        {"list", list_digest(shared->kind, shared->rows)},
                                        {"rests_on", shared->basis.text()}};
        return Prepared<Permit>{.change = std::move(change),
                                .answer = {.id = id, .expires = expires}};
      },
      std::move(then));
}

Result<Basis> spend_permit(Context& context, Change& change, const Caller& caller,
                           const PermitUse& use) {
  auto setting = context.store.setting(setting_of(use.id));
  if (!setting && setting.error().code != Code::not_found) return std::unexpected(setting.error());
  const auto refused = [&](std::string_view why) {
    return fail(Code::fresh_needed, "the permit does not cover this: " + std::string(why) +
                                        ". Begin again, which asks for a fresh verification");
  };
  if (!setting) return refused("there is no such permit");
  Kept kept = TRY(decode(setting->value));
  if (kept.uid != caller.uid) return refused("somebody else made it");
  if (kept.kind != use.kind) return refused("it is for " + escape_text(kept.kind));
  if (context.clock.read().now >= kept.expires) return refused("it has run out");
  // What bootstrap permitted ends with it.
  if (kept.basis == Basis::bootstrap()) {
    const bool over = TRY(bootstrap_over(context));
    if (over) return refused("it was made during bootstrap, which is over");
  }
  const bool vouched = TRY(still_vouched(context, kept.basis, Role::user));
  if (!vouched) return refused("whoever made it is suspended");
  const auto row = std::ranges::find(kept.rows, use.row);
  if (row == kept.rows.end())
    return refused("'" + escape_text(use.row) + "' is not on its list, or was done already");
  kept.rows.erase(row);
  setting->value = encode(kept);
  change.writes.emplace_back(std::move(*setting));
  return kept.basis;
}

}  // namespace countersign::engine
