// SPDX-License-Identifier: Apache-2.0
// A code that was sent and waits to be typed. Of the code itself a keyed digest only is kept (T10).
#pragma once

#include <string>
#include <tuple>

#include "core/authenticator.h"
#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/pending/waiting.h"

namespace countersign::engine {

// For whom there can be one code at a time: a new one takes the place of the old (T09).
struct CodeSlot {
  UserId user;
  Kind kind = Kind::sms;
  std::string bound_to;     // the sign-in or the enrolment; empty: a verification by itself
  std::uint64_t owner = 0;  // who asked for it; 0: whoever may confirm the enrolment
  Holder holder = {};       // who pays for its place
};

struct HeldCode {
  std::string id;         // of the challenge, as the caller was told
  std::string recipient;  // whoever has another phone or address by now is sent a new one (T48)
  Bytes digest;
  Time expires{};
  int tries = 0;

  static constexpr std::string_view waits_as = "sent-code";
  static auto fields(auto& c) { return std::tie(c.id, c.recipient, c.digest, c.expires, c.tries); }
};

[[nodiscard]] std::uint64_t code_owner(const Caller& caller);

// In place of what the slot held. exhausted: too much is pending.
[[nodiscard]] Result<void> hold_code(Context& context, const CodeSlot& slot, const HeldCode& code);
// What waits there; it goes on waiting. not_found: none, or it expired.
[[nodiscard]] Result<Waiting<HeldCode>> waiting_code(Context& context, const CodeSlot& slot);
// A try is counted before it is compared: however many come at once, no more are compared than a
// code has. conflict: it was taken, replaced, or somebody else's try was counted meanwhile.
[[nodiscard]] Result<void> count_try(Context& context, Waiting<HeldCode>& code);
// Removes the code with this id: of two who bring the right code at once, one gets it. not_found:
// it was taken, or another was sent.
[[nodiscard]] Result<void> take_code(Context& context, const CodeSlot& slot, const std::string& id);

// Whether this is the code that was sent for that slot and challenge. Compares whatever else may be
// wrong.
[[nodiscard]] bool code_matches(Context& context, const CodeSlot& slot, const HeldCode& code,
                                std::string_view typed);
// What hold_code is to keep of it.
[[nodiscard]] Bytes code_digest(Context& context, const CodeSlot& slot, const HeldCode& code,
                                const Secret& digits);

}  // namespace countersign::engine
