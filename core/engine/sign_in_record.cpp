// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sign_in_record.h"

#include "core/formats/cbor.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;
using cbor::Value;

enum Key : std::int64_t {
  user_key = 1, service_key, audience_key, nonce_key, session_key, primary_key, caller_key_, challenge_key, expires_key, tries_key,
  machine_key_, kind_key, matches_key, public_key_key, fingerprint_key, name_key, says_key, enrollment_key, done_key, state_key, now_key, amr_key, aal_key, by_key, receipt_key
};
constexpr std::int64_t none = -1;

template <class T>
std::int64_t number(const std::optional<T>& value) {
  return value ? static_cast<std::int64_t>(*value) : none;
}

Bytes encode(const SignInRecord& record) {
  const auto key = [](Key name) { return Value(static_cast<std::int64_t>(name)); };
  Value::Array amr;
  for (const std::string& each : record.amr) amr.emplace_back(each);
  return cbor::encode(Value::map({{key(user_key), record.user},
                                  {key(service_key), record.service},
                                  {key(audience_key), record.audience},
                                  {key(nonce_key), record.nonce},
                                  {key(session_key), record.session},
                                  {key(primary_key), static_cast<std::int64_t>(record.primary)},
                                  {key(caller_key_), std::int64_t{record.caller}},
                                  {key(challenge_key), record.challenge},
                                  {key(expires_key), unix_ms(record.expires)},
                                  {key(tries_key), std::int64_t{record.tries}},
                                  {key(machine_key_), record.machine.value},
                                  {key(kind_key), number(record.machine_kind)},
                                  {key(matches_key), record.matches},
                                  {key(public_key_key), record.machine_key},
                                  {key(fingerprint_key), record.fingerprint},
                                  {key(name_key), record.machine_name},
                                  {key(says_key), record.machine_says},
                                  {key(enrollment_key), record.enrollment},
                                  {key(done_key), number(record.done)},
                                  {key(state_key), static_cast<std::int64_t>(record.final_state)},
                                  {key(now_key), record.recognized_now},
                                  {key(amr_key), Value::array(std::move(amr))},
                                  {key(aal_key), std::int64_t{record.aal}},
                                  {key(by_key), record.by.value},
                                  {key(receipt_key), record.receipt}}));
}

// It was sealed by encode: what is missing is our own mistake.
Result<SignInRecord> decode(BytesView octets) {
  const Result<Value> map = cbor::parse(octets);
  if (!map) return std::unexpected(map.error());
  SignInRecord record;
  const auto text = [&](Key key, std::string& into) {
    if (const auto* value = map->text_at(std::int64_t{key})) into = *value;
  };
  const auto bytes = [&](Key key, Bytes& into) {
    if (const auto* value = map->bytes_at(std::int64_t{key})) into = *value;
  };
  const auto integer = [&](Key key) { return map->integer_at(std::int64_t{key}).value_or(0); };
  text(user_key, record.user);
  text(service_key, record.service);
  text(audience_key, record.audience);
  text(nonce_key, record.nonce);
  text(session_key, record.session);
  record.primary = static_cast<Primary>(integer(primary_key));
  record.caller = static_cast<std::uint32_t>(integer(caller_key_));
  bytes(challenge_key, record.challenge);
  record.expires = from_unix_ms(integer(expires_key));
  record.tries = static_cast<int>(integer(tries_key));
  record.machine.value = integer(machine_key_);
  if (const auto kind = integer(kind_key); kind != none) record.machine_kind = static_cast<MachineKind>(kind);
  record.matches = map->boolean_at(std::int64_t{matches_key}).value_or(false);
  bytes(public_key_key, record.machine_key);
  bytes(fingerprint_key, record.fingerprint);
  text(name_key, record.machine_name);
  text(says_key, record.machine_says);
  text(enrollment_key, record.enrollment);
  if (const auto done = integer(done_key); done != none) record.done = static_cast<Because>(done);
  record.final_state = static_cast<MachineState>(integer(state_key));
  record.recognized_now = map->boolean_at(std::int64_t{now_key}).value_or(false);
  if (const auto* amr = map->array_at(std::int64_t{amr_key}))
    for (const Value& each : *amr)
      if (each.text() != nullptr) record.amr.push_back(*each.text());
  record.aal = static_cast<int>(integer(aal_key));
  record.by.value = integer(by_key);
  record.receipt = map->boolean_at(std::int64_t{receipt_key}).value_or(false);
  if (record.challenge.empty()) return fail(Code::corrupt, "a sign-in that waits is malformed");
  return record;
}

// The same uid asks for another service as somebody else; steps after the first name no service, so it is not part of this.
std::uint64_t owner_of(const Caller& caller) { return caller_key({.uid = caller.uid, .pid = 0, .service = "sign-in"}); }

}  // namespace

Result<void> hold_sign_in(Context& context, const Caller& caller, const SignInRecord& record) {
  const Secret body{BytesView(encode(record))};
  return context.store.hold({.id = record.id, .owner = owner_of(caller), .expires = record.expires, .body = context.vault.seal(crypto::Purpose::pending, "sign-in " + record.id, body), .holder = caller.holder()},
                            context.rules.sign_ins_per_caller, context.clock.read().now);
}

Result<SignInRecord> take_sign_in(Context& context, const Caller& caller, const std::string& id) {
  const Time now = context.clock.read().now;
  const auto missing = [] { return fail(Code::not_found, "no sign-in waits under this id: it has expired, another step of it is under way, or it never was; begin anew"); };
  Result<Pending> held = context.store.seen(id, now);
  if (!held) return held.error().code == Code::not_found ? missing() : std::unexpected(held.error());
  if (held->owner != owner_of(caller) || !context.store.take_seen(*held, now)) return missing();
  const Result<Secret> body = context.vault.open(crypto::Purpose::pending, "sign-in " + id, held->body);
  if (!body) return std::unexpected(body.error());
  Result<SignInRecord> record = decode(body->expose());
  if (record) record->id = id;
  return record;
}

}  // namespace countersign::engine
