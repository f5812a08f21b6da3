// SPDX-License-Identifier: Apache-2.0
// What administrators and the daemon do for the store itself: data keys, the clock's baseline, a
// restored copy.
#pragma once

#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

inline constexpr const char* data_keys_setting = "data-keys";
inline constexpr const char* clock_setting = "clock";
inline constexpr const char* floor_setting = "one-time-floor";
inline constexpr const char* reseal_setting =
    "reseal";  // present and not empty: re-sealing has not ended

// Makes a new data key, durable before anything is sealed under it. Re-sealing is reseal_some's, in
// the background.
void rotate_data_key(Context& context, Caller caller, Then<crypto::DataKeyId> then);

// Re-seals up to limit authenticators after the given one; the answer is where to go on, none at
// the end. When it has come to the end, the old keys are dropped.
void reseal_some(Context& context, AuthenticatorId after, std::size_t limit,
                 Then<AuthenticatorId> then);
[[nodiscard]] Result<bool> reseal_needed(Context& context);

// Numbers as settings hold them.
[[nodiscard]] Bytes encode(std::int64_t number);
[[nodiscard]] std::int64_t decode_number(BytesView bytes);  // 0 when malformed

// Stores this boot's clock baseline when there is a new one. Cheap when there is none.
void keep_clock_baseline(Context& context);
[[nodiscard]] Bytes encode(const ClockBaseline& baseline);
[[nodiscard]] std::optional<ClockBaseline> decode_baseline(BytesView bytes);

// After an old copy was put back, or the clock was wrong: an admin accepts time and store as they
// are now. HOTP tokens and backup codes are suspended if the store was restored (their used codes
// can't be known; resume them one by one); TOTP steps up to now are refused. The answer is how many
// were suspended. Blocks; for a worker thread.
void resync_store(Context& context, Caller caller, Then<int> then);

}  // namespace countersign::engine
