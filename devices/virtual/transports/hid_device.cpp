// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/hid_device.h"

#include <algorithm>
#include <utility>

#include "devices/virtual/key/identity.h"

namespace countersign::virtual_key {
namespace {

using hid::Command;
using namespace std::chrono_literals;

constexpr auto keepalive_every = 100ms;  // §11.2.9.1.7
constexpr auto u2f_window = 10s;         // how long a touch, or the wish for one, lasts
constexpr Byte processing = 1, touch_needed = 2;
constexpr Byte can_wink = 0x01, can_cbor = 0x04;

}  // namespace

void HidDevice::opened() {
  messages_ = 0;
  assembler_.forget_unfinished();
  running_.reset();
  u2f_asked_.reset();
  u2f_pressed_.reset();
}

void HidDevice::receive(const hid::Report& report, Moment now) {
  key_.now = now;
  const auto result = assembler_.receive(report, now);
  if (const auto* const error = std::get_if<hid::ProtocolError>(&result))
    return refuse(error->channel, error->fault);
  if (const auto* const message = std::get_if<hid::Message>(&result)) handle(*message);
}

void HidDevice::handle(const hid::Message& message) {
  const auto command = static_cast<Command>(message.command);
  if (command == Command::cancel) {
    const bool endless = running_ && !running_->ask;
    if (running_ && running_->channel == message.channel && !endless) resolve(Answer::cancelled);
    return;
  }
  if (!count_message()) return;
  if (command == Command::init) return init(message);
  if (running_) return refuse(message.channel, hid::Fault::channel_busy);
  switch (command) {
    case Command::ping:
      return reply(message.channel, Command::ping, message.payload);
    case Command::wink:
      if (!message.payload.empty()) return refuse(message.channel, hid::Fault::invalid_length);
      return reply(message.channel, Command::wink, {});
    case Command::msg:
      return u2f(message);
    case Command::cbor:
      return cbor(message);
    case Command::init:
    case Command::cancel:
    case Command::lock:
    case Command::keepalive:
    case Command::error:
      break;
  }
  refuse(message.channel, hid::Fault::invalid_command);
}

void HidDevice::init(const hid::Message& message) {
  constexpr std::size_t nonce_size = 8;
  constexpr Byte protocol_version = 2;
  if (message.payload.size() != nonce_size)
    return refuse(message.channel, hid::Fault::invalid_length);
  if (running_ && running_->channel == message.channel) running_.reset();
  const hid::Channel channel =
      message.channel == hid::broadcast ? assembler_.open() : message.channel;
  Bytes payload = message.payload;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    payload.push_back(static_cast<Byte>(channel >> shift));
  payload.insert(payload.end(),
                 {protocol_version, identity::firmware_major, identity::firmware_minor,
                  identity::firmware_build,
                  static_cast<Byte>(can_wink | (key_.profile.ctap2 ? can_cbor : 0))});
  reply(message.channel, Command::init, std::move(payload));
}

void HidDevice::cbor(const hid::Message& message) {
  if (!key_.profile.ctap2) return refuse(message.channel, hid::Fault::invalid_command);
  if (message.payload.empty()) return refuse(message.channel, hid::Fault::invalid_length);
  const Byte code = message.payload[0];
  running_ = Transaction{.channel = message.channel,
                         .command = Command::cbor,
                         .code = code,
                         .ask = {},
                         .asked = key_.now,
                         .next_keepalive = key_.now};
  if (Faults::hits(key_.faults.keepalive, code)) return tick(key_.now);
  proceed(handle_cbor(key_, message.payload));
}

void HidDevice::proceed(Step step) {
  // A person who touches at once answers here; there may be two questions, a finger and a touch.
  while (auto* const ask = std::get_if<Ask>(&step)) {
    if (person_.touch != Person::Touch::automatic || person_.delay > 0ms) {
      running_->ask = std::move(*ask);
      running_->asked = key_.now;
      running_->next_keepalive = key_.now;
      return tick(key_.now);
    }
    const Answer answer =
        ask->want == Want::verification && !person_.right_finger ? Answer::refused : Answer::given;
    step = ask->then(answer);
  }
  Bytes& payload = std::get<Bytes>(step);
  if (Faults::hits(key_.faults.bad_cbor, running_->code) && payload[0] == 0) {
    payload.resize(1 + (payload.size() - 1) / 2);
    if (payload.size() == 1) payload.push_back(0xa1);  // a map with an entry that is not there
  }
  const Transaction done = *std::exchange(running_, std::nullopt);
  reply(done.channel, done.command, std::move(payload));
}

void HidDevice::resolve(Answer answer) {
  const Ask ask = *std::exchange(running_->ask, std::nullopt);
  proceed(ask.then(answer));
}

void HidDevice::tick(Moment now) {
  key_.now = now;
  if (const auto error = assembler_.expire(now)) refuse(error->channel, error->fault);
  if (!running_) return;
  if (running_->ask) {
    const bool asks_finger = running_->ask->want == Want::verification;
    if (person_.touch == Person::Touch::automatic && now >= running_->asked + person_.delay)
      return resolve(asks_finger && !person_.right_finger ? Answer::refused : Answer::given);
    if (now >= running_->asked + person_.patience) return resolve(Answer::timed_out);
  }
  if (now < running_->next_keepalive) return;
  running_->next_keepalive = now + keepalive_every;
  send(hid::to_reports(running_->channel, Command::keepalive,
                       Bytes{running_->ask ? touch_needed : processing}));
}

std::optional<Moment> HidDevice::wake() const {
  std::optional<Moment> first = assembler_.wake();
  const auto consider = [&](Moment moment) { first = first ? std::min(*first, moment) : moment; };
  if (!running_) return first;
  consider(running_->next_keepalive);
  if (running_->ask)
    consider(running_->asked +
             (person_.touch == Person::Touch::automatic ? person_.delay : person_.patience));
  return first;
}

bool HidDevice::press(Answer answer, Moment now) {
  key_.now = now;
  if (running_ && running_->ask) {
    const bool wrong = running_->ask->want == Want::verification && !person_.right_finger;
    resolve(answer == Answer::given && wrong ? Answer::refused : answer);
    return true;
  }
  if (!u2f_asked_ || now - *u2f_asked_ > u2f_window || answer != Answer::given) return false;
  u2f_pressed_ = now;
  return true;
}

bool HidDevice::u2f_touched() const {
  if (person_.touch == Person::Touch::automatic) {
    if (person_.delay == 0ms) return true;
    return u2f_asked_ && key_.now >= *u2f_asked_ + person_.delay &&
           key_.now - *u2f_asked_ < person_.delay + u2f_window;
  }
  return u2f_pressed_ && key_.now - *u2f_pressed_ < u2f_window;
}

void HidDevice::u2f(const hid::Message& message) {
  U2fAnswer answer = handle_u2f(key_, message.payload, u2f_touched());
  const bool waits = u2f_asked_ && key_.now - *u2f_asked_ < person_.delay + u2f_window;
  if (answer.wants_touch && (!waits || person_.touch != Person::Touch::automatic))
    u2f_asked_ = key_.now;
  if (answer.used_touch) {
    u2f_asked_.reset();
    u2f_pressed_.reset();
  }
  reply(message.channel, Command::msg, std::move(answer.message));
}

void HidDevice::reply(hid::Channel channel, Command command, Bytes payload) {
  if (!count_message()) return;
  const bool lies = key_.faults.bad_length && command != Command::init;
  send(hid::to_reports(channel, command, payload, lies ? key_.faults.bad_length : std::nullopt));
}

void HidDevice::refuse(hid::Channel channel, hid::Fault fault) {
  if (count_message()) send(hid::to_reports({channel, fault}));
}

void HidDevice::send(const std::vector<hid::Report>& reports) {
  for (const hid::Report& report : reports) transport_.send(report);
}

bool HidDevice::count_message() {
  if (++messages_ != key_.faults.unplug) return true;
  replug(key_.now);
  return false;
}

void HidDevice::replug(Moment now) {
  opened();
  key_.power_up(now);
  transport_.close();
}

}  // namespace countersign::virtual_key
