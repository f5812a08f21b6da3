// SPDX-License-Identifier: Apache-2.0
// The key as its commands see it: what it remembers, what it is in the middle of, what it is told
// to do wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "devices/virtual/key/faults.h"
#include "devices/virtual/key/pin_protocol.h"
#include "devices/virtual/key/pin_token.h"
#include "devices/virtual/key/profile.h"
#include "devices/virtual/key/state.h"
#include "devices/virtual/key/state_file.h"
#include "devices/virtual/key/step.h"

namespace countersign::virtual_key {

// What a command left for its "next" (CTAP 2.1 §6: stateful commands). Any other command ends it.
struct MoreAssertions {
  std::vector<Bytes> credential_ids;  // still to come, the next one last
  Bytes client_data_hash;
  Byte flags = 0;
  cbor::Value hmac_secret;  // the extension's input; null without
  Moment last{};            // 30 s to the next
};
struct MoreRelyingParties {
  std::vector<crypto::Sha256> rp_id_hashes;  // the next one last
};
struct MoreCredentials {
  std::vector<Bytes> credential_ids;  // the next one last
};
struct Enrolling {
  Bytes template_id;
  int remaining = 0;
};
using GoingOn =
    std::variant<std::monostate, MoreAssertions, MoreRelyingParties, MoreCredentials, Enrolling>;

// What it forgets when it is pulled out.
struct Session {
  Moment powered_at{};
  int wrong_pins = 0;  // in a row; at three, no PIN is taken until it is plugged in again (§6.5.5)
  KeyAgreement agreement;
  PinToken token;
  GoingOn going_on;
  std::uint32_t counted_back = 0;  // for the fault
};

// One thread.
class Key {
 public:
  Key(Profile played, StateFile kept, State remembered, Moment started)
      : profile(played), state(std::move(remembered)), file_(std::move(kept)) {
    power_up(started);
  }

  // As pulled out and plugged in.
  void power_up(Moment at) {
    session = Session{};
    session.powered_at = at;
    now = at;
  }
  // The state is in the file when this is ok; other: it can't be written, and the command must
  // fail.
  [[nodiscard]] Status save() const { return file_.save(state) ? Status::ok : Status::other; }

  [[nodiscard]] bool pin_set() const { return profile.client_pin && !state.pin_hash.empty(); }
  [[nodiscard]] bool uv_configured() const {
    return profile.built_in_uv && !state.fingerprints.empty();
  }
  // "Protected by some form of user verification."
  [[nodiscard]] bool is_protected() const { return pin_set() || uv_configured(); }
  [[nodiscard]] Credential* find(BytesView id);
  // How many are discoverable, or are not.
  [[nodiscard]] std::size_t count(bool discoverable) const;
  void erase(BytesView id);

  Profile profile;
  Faults faults;
  State state;
  Session session;
  Moment now{};  // set by whoever calls in

 private:
  StateFile file_;
};

}  // namespace countersign::virtual_key
