// SPDX-License-Identifier: Apache-2.0
#include "core/engine/held_code.h"

#include <array>

#include "core/crypto/hash.h"
#include "core/factors/sent_code.h"
#include "core/formats/cbor.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;

enum Key : std::int64_t { id_key = 1, recipient_key, digest_key, expires_key, tries_key };

// The row's name in the volatile part: says nothing of whose it is.
std::string name_of(const CodeSlot& slot) {
  const std::string text = "sent-code " + to_text(slot.user) + ' ' + std::string(to_name(slot.kind)) + ' ' + std::to_string(slot.owner) + ' ' + slot.bound_to;
  const auto digest = crypto::sha256(as_bytes(text));
  std::string name = "sent-";
  for (std::size_t i = 0; i < 16; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    name += digits[digest[i] >> 4U];
    name += digits[digest[i] & 15U];
  }
  return name;
}

sent_code::Binding binding_of(const CodeSlot& slot, const HeldCode& code) {
  return {.id = code.id, .recipient = std::string(to_name(slot.kind)) + ' ' + code.recipient, .bound_to = to_text(slot.user) + ' ' + slot.bound_to};
}

Bytes encode(const HeldCode& code) {
  return cbor::encode(cbor::Value::map({{std::int64_t{id_key}, code.id},
                                        {std::int64_t{recipient_key}, code.recipient},
                                        {std::int64_t{digest_key}, code.digest},
                                        {std::int64_t{expires_key}, unix_ms(code.expires)},
                                        {std::int64_t{tries_key}, std::int64_t{code.tries}}}));
}

// It was sealed by encode: a member that is missing is our own mistake.
Result<HeldCode> decode(BytesView octets) {
  const Result<cbor::Value> map = cbor::parse(octets);
  if (!map) return std::unexpected(map.error());
  HeldCode code;
  if (const std::string* id = map->text_at(std::int64_t{id_key})) code.id = *id;
  if (const std::string* recipient = map->text_at(std::int64_t{recipient_key})) code.recipient = *recipient;
  if (const Bytes* digest = map->bytes_at(std::int64_t{digest_key})) code.digest = *digest;
  code.expires = from_unix_ms(map->integer_at(std::int64_t{expires_key}).value_or(0));
  code.tries = static_cast<int>(map->integer_at(std::int64_t{tries_key}).value_or(0));
  if (code.id.empty() || code.digest.empty()) return fail(Code::corrupt, "a code that waits is malformed");
  return code;
}

// Codes that anybody may confirm are counted by who asked for them all the same.
std::uint64_t payer_of(const CodeSlot& slot) {
  if (slot.owner != 0) return slot.owner;
  return code_owner({.uid = slot.holder.uid, .pid = 0, .service = "enrolment"});
}

Pending as_pending(Context& context, const CodeSlot& slot, const HeldCode& code) {
  const std::string name = name_of(slot);
  const Secret body{BytesView(encode(code))};
  return {.id = name,
          .owner = payer_of(slot),
          .expires = code.expires,
          .body = context.vault.seal(crypto::Purpose::pending, name, body),
          .generation = code.generation,
          .holder = slot.holder};
}

}  // namespace

std::uint64_t code_owner(const Caller& caller) { return caller_key({.uid = caller.uid, .pid = 0, .service = "sent-code " + caller.service}); }

Result<void> hold_code(Context& context, const CodeSlot& slot, const HeldCode& code, Time now) {
  return context.store.hold_instead(as_pending(context, slot, code),
                                    context.rules.sent_codes_per_caller, now);
}

Result<HeldCode> waiting_code(Context& context, const CodeSlot& slot, Time now) {
  const std::string name = name_of(slot);
  const Result<Pending> held = context.store.seen(name, now);
  if (!held) return std::unexpected(held.error());
  const Result<Secret> body = context.vault.open(crypto::Purpose::pending, name, held->body);
  if (!body) return std::unexpected(body.error());
  Result<HeldCode> code = decode(body->expose());
  if (code) code->generation = held->generation;
  return code;
}

Result<void> count_try(Context& context, const CodeSlot& slot, HeldCode& code, Time now) {
  HeldCode counted = code;
  ++counted.tries;
  const Result<Generation> renewed = context.store.renew(as_pending(context, slot, counted), now);
  if (!renewed) return std::unexpected(renewed.error());
  counted.generation = *renewed;
  code = std::move(counted);
  return {};
}

Result<void> take_code(Context& context, const CodeSlot& slot, const std::string& id, Time now) {
  while (true) {
    const Result<HeldCode> code = waiting_code(context, slot, now);
    if (!code) return std::unexpected(code.error());
    if (code->id != id) return fail(Code::not_found, "another code was sent since");
    const Pending seen{.id = name_of(slot), .generation = code->generation};
    if (auto taken = context.store.take_seen(seen, now);
        taken || taken.error().code != Code::conflict)
      return taken;
  }
}

bool code_matches(Context& context, const CodeSlot& slot, const HeldCode& code, std::string_view typed) {
  return sent_code::matches(context.vault, binding_of(slot, code), typed, code.digest);
}

Bytes code_digest(Context& context, const CodeSlot& slot, const HeldCode& code, const Secret& digits) {
  return sent_code::digest(context.vault, binding_of(slot, code), digits);
}

}  // namespace countersign::engine
