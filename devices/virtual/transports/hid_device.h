// SPDX-License-Identifier: Apache-2.0
// The key on CTAPHID: channels, transactions, keepalives, cancels, and the person's touch (CTAP 2.1
// §11.2).
#pragma once

#include <functional>
#include <optional>

#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/ctaphid.h"
#include "devices/virtual/shared/person.h"

namespace countersign::virtual_key {

// One thread. Never blocks; whoever owns the transport hands in reports and the time, and calls
// tick() when wake() says.
class HidDevice {
 public:
  struct Transport {
    std::function<void(const hid::Report&)> send;
    std::function<void()>
        close;  // the key is pulled out; may be called from within receive() and tick()
  };
  HidDevice(Key& key, Person person, Transport transport)
      : key_(key), person_(person), transport_(std::move(transport)) {}

  // A host opened it: messages are counted again (Faults::unplug), what another host left
  // unfinished is gone.
  void opened();
  void receive(const hid::Report& report, Moment now);
  void tick(Moment now);
  [[nodiscard]] std::optional<Moment> wake() const;  // nothing: only a report can change anything

  // The person touches, or says no. False: nothing waits for them.
  bool press(Answer answer, Moment now);
  // Pulled out, and plugged in again: the transport closes, the session is forgotten.
  void replug(Moment now);
  [[nodiscard]] Person& person() { return person_; }

 private:
  struct Transaction {
    hid::Channel channel = 0;
    hid::Command command = hid::Command::cbor;
    Byte code = 0;           // the CTAP command, for faults
    std::optional<Ask> ask;  // nothing: keepalives for ever
    Moment asked{};
    Moment next_keepalive{};
  };

  void handle(const hid::Message& message);
  void init(const hid::Message& message);
  void cbor(const hid::Message& message);
  void u2f(const hid::Message& message);
  void proceed(Step step);
  void resolve(Answer answer);
  void reply(hid::Channel channel, hid::Command command, Bytes payload);
  void refuse(hid::Channel channel, hid::Fault fault);
  void send(const std::vector<hid::Report>& reports);
  bool count_message();  // false: the key was pulled out at this one
  [[nodiscard]] bool u2f_touched() const;

  Key& key_;
  Person person_;
  Transport transport_;
  hid::Assembler assembler_;
  std::optional<Transaction> running_;
  std::uint32_t messages_ = 0;
  std::optional<Moment> u2f_asked_;    // U2F polls: since when it wants a touch
  std::optional<Moment> u2f_pressed_;  // when somebody touched for it
};

}  // namespace countersign::virtual_key
