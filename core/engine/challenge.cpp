// SPDX-License-Identifier: Apache-2.0
#include "core/engine/challenge.h"

#include "core/formats/cbor.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;

constexpr std::size_t challenge_size = 32;

enum Key : std::int64_t { purpose_key = 1, value_key, uv_key, user_key, name_key, credentials_key, authenticator_key, label_key, discoverable_key, cards_key, slots_key, grounds_key };

cbor::Value list_of(const std::vector<Bytes>& ids) {
  cbor::Value::Array list;
  for (const Bytes& id : ids) list.emplace_back(id);
  return cbor::Value::array(std::move(list));
}

std::vector<Bytes> ids_in(const cbor::Value::Array* list) {
  std::vector<Bytes> ids;
  if (list != nullptr)
    for (const cbor::Value& id : *list)
      if (id.bytes() != nullptr) ids.push_back(*id.bytes());
  return ids;
}

Bytes encode(const Challenge& challenge) {
  return cbor::encode(cbor::Value::map({{std::int64_t{purpose_key}, static_cast<std::int64_t>(challenge.purpose)},
                                        {std::int64_t{value_key}, challenge.value},
                                        {std::int64_t{uv_key}, static_cast<std::int64_t>(challenge.uv)},
                                        {std::int64_t{user_key}, challenge.user.value},
                                        {std::int64_t{name_key}, challenge.name},
                                        {std::int64_t{credentials_key}, list_of(challenge.credentials)},
                                        {std::int64_t{authenticator_key}, challenge.authenticator.value},
                                        {std::int64_t{label_key}, challenge.label},
                                        {std::int64_t{discoverable_key}, challenge.discoverable},
                                        {std::int64_t{cards_key}, list_of(challenge.cards)},
                                        {std::int64_t{slots_key}, list_of(challenge.slots)},
                                        {std::int64_t{grounds_key}, encode(challenge.grounds)}}));
}

// It was sealed by encode: a member that is missing is our own mistake.
Result<Challenge> decode(BytesView octets) {
  const Result<cbor::Value> map = cbor::parse(octets);
  if (!map) return std::unexpected(map.error());
  Challenge challenge;
  const auto at = [&](Key key) { return std::int64_t{key}; };
  challenge.purpose = static_cast<ChallengePurpose>(map->integer_at(at(purpose_key)).value_or(0));
  if (const Bytes* value = map->bytes_at(at(value_key))) challenge.value = *value;
  challenge.uv = static_cast<webauthn::UserVerification>(map->integer_at(at(uv_key)).value_or(0));
  challenge.user.value = map->integer_at(at(user_key)).value_or(0);
  if (const std::string* name = map->text_at(at(name_key))) challenge.name = *name;
  challenge.credentials = ids_in(map->array_at(at(credentials_key)));
  challenge.cards = ids_in(map->array_at(at(cards_key)));
  challenge.slots = ids_in(map->array_at(at(slots_key)));
  challenge.authenticator.value = map->integer_at(at(authenticator_key)).value_or(0);
  if (const std::string* label = map->text_at(at(label_key))) challenge.label = *label;
  challenge.discoverable = map->boolean_at(at(discoverable_key)).value_or(false);
  const std::string* text = map->text_at(at(grounds_key));
  Result<Grounds> grounds = decode_grounds(text != nullptr ? std::string_view(*text) : std::string_view());
  if (!grounds) return std::unexpected(grounds.error());
  challenge.grounds = std::move(*grounds);
  if (challenge.value.size() != challenge_size) return fail(Code::corrupt, "a challenge that waits is malformed");
  return challenge;
}

// Counted apart from the enrolments that this caller has begun; the same uid asks for another service as somebody else.
std::uint64_t owner_of(const Caller& caller) { return caller_key({.uid = caller.uid, .pid = 0, .service = "challenge " + caller.service}); }

}  // namespace

Result<HeldChallenge> hold_challenge(Context& context, const Caller& caller, Challenge& challenge) {
  challenge.value.resize(challenge_size);
  context.random.fill(challenge.value);
  const Time now = context.clock.read().now;
  const HeldChallenge held{.id = to_text(context.ids.next()), .expires = now + context.rules.fido2.challenge_lives};
  Pending pending{.id = held.id,
                  .owner = owner_of(caller),
                  .expires = held.expires,
                  .body = context.vault.seal(crypto::Purpose::pending, held.id, Secret(BytesView(encode(challenge)))),
                  .holder = caller.holder()};
  if (auto kept = context.store.hold(std::move(pending), context.rules.fido2.challenges_per_caller, now); !kept) return std::unexpected(kept.error());
  return held;
}

Result<Challenge> take_challenge(Context& context, const Caller& caller, const std::string& id, ChallengePurpose purpose) {
  const Time now = context.clock.read().now;
  const auto none = [] { return fail(Code::not_found, "no challenge waits under this id: it was answered already, or has expired"); };
  Result<Pending> held = context.store.seen(id, now);
  if (!held) return held.error().code == Code::not_found ? none() : std::unexpected(held.error());
  // A pending enrolment of another kind, or somebody else's challenge, is not ours to end.
  if (held->owner != owner_of(caller) || !context.store.take_seen(*held, now)) return none();
  const Result<Secret> body = context.vault.open(crypto::Purpose::pending, id, held->body);
  if (!body) return std::unexpected(body.error());
  Result<Challenge> challenge = decode(body->expose());
  if (challenge && challenge->purpose != purpose) return none();
  return challenge;
}

}  // namespace countersign::engine
