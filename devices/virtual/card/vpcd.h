// SPDX-License-Identifier: Apache-2.0
// The card's end of the virtual reader driver's protocol (vsmartcard, vpcd): a byte stream of
// messages, two octets of length in network order and the content. A single octet is an order of
// the reader: 0 power off, 1 power on, 2 reset, 4 answer to reset. Anything longer is a command.
#pragma once

#include <functional>

#include "devices/virtual/card/card.h"
#include "devices/virtual/shared/person.h"

namespace countersign::virtual_card {

// One thread. card outlives it.
class Vpcd {
 public:
  struct Hooks {
    std::function<void(BytesView)> send;
    std::function<void()> removed;  // the card was pulled out: the stream is to be closed
  };
  Vpcd(Card& card, virtual_key::Person person, Hooks hooks)
      : card_(card), person_(person), hooks_(std::move(hooks)) {}

  // A stream begins, or has ended: the card has no power.
  void plugged();
  // Octets came, cut anywhere.
  void receive(BytesView octets, Moment now);
  // Somebody touches the card, or takes the hand away. False: it waits for no touch.
  bool press(bool given, Moment now);
  // When tick wants to be called.
  [[nodiscard]] std::optional<Moment> wake() const { return due_; }
  void tick(Moment now);

 private:
  void message(BytesView content, Moment now);
  void send(BytesView content);
  void wait_for_touch(Moment now);

  Card& card_;
  virtual_key::Person person_;
  Hooks hooks_;
  Bytes pending_;
  std::optional<Moment> due_;
  bool closed_ = false;
};

}  // namespace countersign::virtual_card
