// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/held_code.h"

#include "core/crypto/hash.h"
#include "core/encoding/hex.h"
#include "core/factors/sent_code.h"

namespace countersign::engine {
namespace {

constexpr std::size_t name_octets = 16;

// The row's name in the volatile part: says nothing of whose it is.
std::string name_of(const CodeSlot& slot) {
  const std::string text = "sent-code " + to_text(slot.user) + ' ' +
                           std::string(to_name(slot.kind)) + ' ' + std::to_string(slot.owner) +
                           ' ' + slot.bound_to;
  const auto digest = crypto::sha256(as_bytes(text));
  return "sent-" + formats::hex_encode(BytesView(digest).first(name_octets));
}

sent_code::Binding binding_of(const CodeSlot& slot, const HeldCode& code) {
  return {.id = code.id,
          .recipient = std::string(to_name(slot.kind)) + ' ' + code.recipient,
          .bound_to = to_text(slot.user) + ' ' + slot.bound_to};
}

// Codes that anybody may confirm are counted by who asked for them all the same.
std::uint64_t payer_of(const CodeSlot& slot) {
  if (slot.owner != 0) return slot.owner;
  return code_owner({.uid = slot.holder.uid, .service = "enrolment"});
}

}  // namespace

std::uint64_t code_owner(const Caller& caller) {
  return owner_for(caller, "sent-code " + caller.service);
}

Result<void> hold_code(Context& context, const CodeSlot& slot, const HeldCode& code) {
  return hold(context,
              {.id = name_of(slot),
               .owner = payer_of(slot),
               .holder = slot.holder,
               .expires = code.expires,
               .most_per_owner = context.rules.sent_codes_per_caller},
              code, true);
}

Result<Waiting<HeldCode>> waiting_code(Context& context, const CodeSlot& slot) {
  return look<HeldCode>(context, name_of(slot));
}

Result<void> count_try(Context& context, Waiting<HeldCode>& code) {
  ++code.value.tries;
  return replace(context, code);
}

Result<void> take_code(Context& context, const CodeSlot& slot, const std::string& id) {
  while (true) {
    const Waiting<HeldCode> code = TRY(waiting_code(context, slot));
    if (code.value.id != id) return fail(Code::not_found, "another code was sent since");
    auto taken = take(context, code);
    if (taken || taken.error().code != Code::conflict) return taken;
  }
}

bool code_matches(Context& context, const CodeSlot& slot, const HeldCode& code,
                  std::string_view typed) {
  return sent_code::matches(context.vault, binding_of(slot, code), typed, code.digest);
}

Bytes code_digest(Context& context, const CodeSlot& slot, const HeldCode& code,
                  const Secret& digits) {
  return sent_code::digest(context.vault, binding_of(slot, code), digits);
}

}  // namespace countersign::engine
