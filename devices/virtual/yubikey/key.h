// SPDX-License-Identifier: Apache-2.0
// The key itself: a command and its data go in, what came of it comes out. No transport: the HID
// interface (interface.h) and the smartcard application (applet.h) lead here.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "devices/virtual/yubikey/state.h"

namespace countersign::virtual_yubikey {

using Moment = std::chrono::steady_clock::time_point;

// One thread.
class Key {
 public:
  Key(virtual_token::LockedFile file, State remembered)
      : state_(std::move(remembered)), file_(std::move(file)) {
    power_up();
  }

  // As pulled out and plugged in: sessions end.
  void power_up();

  struct Outcome {
    enum class Kind {
      refused,   // nothing changed, no answer
      written,   // the programming sequence shows it
      answered,  // with data
    };
    Kind kind = Kind::refused;
    Bytes data;
  };
  // payload: 64 octets. A command that wants a touch is done at once: whoever calls has asked
  // wants_touch() before.
  [[nodiscard]] Outcome run(Byte command, BytesView payload);
  [[nodiscard]] bool wants_touch(Byte command) const;
  // Whether the command has an answer, when it is done.
  [[nodiscard]] static bool answers(Byte command) {
    return command >= command::serial && command != command::device_configuration &&
           command != command::scan_map;
  }

  // Version, programming sequence, touch level: six octets.
  [[nodiscard]] std::array<Byte, 6> status() const;

  // What a touch types into the focused window; slot 1 is a short touch, 2 a long one. invalid:
  // nothing.
  [[nodiscard]] Result<std::string> type(int slot);

  [[nodiscard]] const State& state() const { return state_; }

 private:
  struct Session {
    bool used = false;
    Byte uses = 0;
  };

  [[nodiscard]] Outcome configure(std::size_t index, BytesView payload);
  [[nodiscard]] Outcome update(std::size_t index, BytesView payload);
  [[nodiscard]] Outcome swap(BytesView payload);
  [[nodiscard]] Outcome challenge(std::size_t index, bool hmac, BytesView payload);
  [[nodiscard]] Outcome tell_serial() const;
  [[nodiscard]] Outcome tell_information() const;
  [[nodiscard]] bool may_write(std::size_t index, BytesView code) const;
  [[nodiscard]] Outcome written(State next);
  [[nodiscard]] bool keep(State next);
  [[nodiscard]] bool at_least(Byte major, Byte minor) const {
    return std::pair(state_.firmware[0], state_.firmware[1]) >= std::pair(major, minor);
  }

  // The 16 octets of a one-time password, counters moved on. Nothing: they could not be kept.
  [[nodiscard]] std::optional<Bytes> ticket(std::size_t index, BytesView uid);
  [[nodiscard]] Result<std::string> type_hotp(std::size_t index);

  State state_;
  virtual_token::LockedFile file_;
  std::array<Session, 2> sessions_;
  Moment powered_at_{};
  std::uint32_t first_tick_ = 0;
};

}  // namespace countersign::virtual_yubikey
