// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/vpcd.h"

#include "devices/virtual/card/base/tlv.h"

namespace countersign::virtual_card {
namespace {

enum class Order : Byte { power_off = 0, power_on = 1, reset = 2, answer_to_reset = 4 };

constexpr std::size_t length_size = 2;

}  // namespace

void Vpcd::plugged() {
  pending_.clear();
  due_.reset();
  closed_ = false;
  card_.power_up();
}

void Vpcd::receive(BytesView octets, Moment now) {
  tlv::append(pending_, octets);
  std::size_t at = 0;
  while (!closed_ && pending_.size() - at >= length_size) {
    const std::size_t size = static_cast<std::size_t>(pending_[at]) << 8U | pending_[at + 1];
    if (pending_.size() - at - length_size < size) break;
    const Bytes content(pending_.begin() + static_cast<std::ptrdiff_t>(at + length_size),
                        pending_.begin() + static_cast<std::ptrdiff_t>(at + length_size + size));
    at += length_size + size;
    message(content, now);
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Vpcd::message(BytesView content, Moment now) {
  if (content.size() == 1) {
    const auto order = static_cast<Order>(content[0]);
    if (order == Order::answer_to_reset) return send(card_.atr());
    due_.reset();
    if (order == Order::power_off || order == Order::power_on || order == Order::reset)
      card_.power_up();
    return;
  }
  Outcome outcome = card_.receive(content, now);
  switch (outcome.kind) {
    case Outcome::Kind::answered:
      return send(outcome.answer);
    case Outcome::Kind::wants_touch:
      return wait_for_touch(now);
    case Outcome::Kind::removed:
      closed_ = true;
      return hooks_.removed();
  }
}

void Vpcd::wait_for_touch(Moment now) {
  using Touch = virtual_key::Person::Touch;
  if (person_.touch == Touch::automatic && person_.delay.count() == 0)
    return send(card_.touched(true, now));
  due_ = now + (person_.touch == Touch::automatic && person_.delay < person_.patience
                    ? person_.delay
                    : person_.patience);
}

bool Vpcd::press(bool given, Moment now) {
  if (!card_.waits_for_touch()) return false;
  due_.reset();
  send(card_.touched(given, now));
  return true;
}

void Vpcd::tick(Moment now) {
  if (!due_ || now < *due_) return;
  press(person_.touch == virtual_key::Person::Touch::automatic && person_.delay < person_.patience,
        now);
}

void Vpcd::send(BytesView content) {
  Bytes message{static_cast<Byte>(content.size() >> 8U), static_cast<Byte>(content.size() & 0xffU)};
  tlv::append(message, content);
  hooks_.send(message);
}

}  // namespace countersign::virtual_card
