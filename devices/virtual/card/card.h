// SPDX-License-Identifier: Apache-2.0
// The card: a command goes in, a response comes out. No transport.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "devices/virtual/card/base/applet.h"
#include "devices/virtual/card/faults.h"
#include "devices/virtual/card/state.h"

namespace countersign::virtual_card {

// Which applications are on it, and how it is held to the reader.
struct Profile {
  bool piv = true;
  bool openpgp = true;
  bool yubikey = true;  // PIV with YubiKey's extensions, and its management application
  bool contactless = false;
};

// What came of a command.
struct Outcome {
  enum class Kind {
    answered,
    wants_touch,  // touched() brings the answer
    removed,      // by a fault: there is no answer
  };
  Kind kind = Kind::answered;
  Bytes answer;
};

// One thread.
class Card {
 public:
  Card(const Profile& profile, virtual_token::LockedFile file, State remembered);
  ~Card();
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;

  // As inserted, or reset: nothing is selected and nobody verified.
  void power_up();
  // Answer to reset (ISO/IEC 7816-3 §8): T=1, historical octets "Countersign".
  [[nodiscard]] Bytes atr() const;

  [[nodiscard]] Outcome receive(BytesView apdu, Moment now);
  // Somebody touched it, or nobody did in time, while a command waits. Empty: none waits.
  [[nodiscard]] Bytes touched(bool given, Moment now);
  [[nodiscard]] bool waits_for_touch() const { return waiting_.has_value(); }

  // Another application, from the next reset on.
  void add(std::unique_ptr<Applet> applet) { applets_.push_back(std::move(applet)); }

  [[nodiscard]] Result<void> set_fault(std::string_view text);
  [[nodiscard]] const State& state() const { return state_; }
  // Changes what it remembers from outside of its wire, for factories and tests.
  [[nodiscard]] Result<void> change(const std::function<void(State&)>& edit);

 private:
  [[nodiscard]] Outcome accept(Command command, Moment now);
  [[nodiscard]] Response run(const Command& command, Moment now);
  [[nodiscard]] Response select(const Command& command);
  [[nodiscard]] Bytes finish(const Command& command, Response response);
  [[nodiscard]] Bytes next_part(std::size_t expected);

  State state_;
  virtual_token::LockedFile file_;
  std::vector<std::unique_ptr<Applet>> applets_;
  Applet* selected_ = nullptr;
  Faults faults_;
  std::uint32_t commands_ = 0;  // for the faults
  std::optional<Command> chain_;
  std::optional<Command> waiting_;
  Bytes rest_;  // of an answer, for GET RESPONSE
};

}  // namespace countersign::virtual_card
