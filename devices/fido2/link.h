// SPDX-License-Identifier: Apache-2.0
// The wire to one FIDO token: CTAPHID reports of 64 octets (CTAP 2.1 §11.2), under libfido2's I/O
// functions. It is where one deadline and one cancel end whatever is going on, and where it is seen
// that the token asks for the person.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/base/deadline.h"
#include "core/base/descriptor.h"

namespace countersign::devices::fido2 {

// What ended an operation from outside of the token's answers.
enum class LinkTrouble { none, removed, timed_out, cancelled, busy };

// One thread uses it; cancel() alone may come from another.
class Link {
 public:
  static constexpr std::size_t report_size = 64;

  // socket: what is written has no report number before it.
  Link(Descriptor descriptor, bool socket);

  // What follows belongs to one operation. asks is called when the token waits for the person: as
  // CTAPHID_KEEPALIVE says it (status UPNEEDED) or, from U2F tokens, SW_CONDITIONS_NOT_SATISFIED to
  // what is no question; with the CTAP2 command that waits (0: U2F).
  void begin(const Deadline& deadline, std::function<void(Byte command)> asks);
  void end();

  // As fido_dev_io_t wants them: octets, or -1. read waits up to so many milliseconds (-1: until
  // the deadline). When the deadline passes or somebody cancels, the token is told
  // (CTAPHID_CANCEL), and what it answers within half a second is still read, so that it is left in
  // order.
  int read(std::span<Byte> report, int milliseconds);
  int write(BytesView report);  // report number, then 64 octets

  void cancel();  // the operation that runs, or the next one if none does
  void clear_cancel();
  [[nodiscard]] bool cancelled() const { return cancel_asked_; }

  [[nodiscard]] LinkTrouble trouble() const { return trouble_; }
  // The token owes an answer: it has to be told to forget the question before the next one.
  [[nodiscard]] bool out_of_step() const { return owes_answer_; }
  // Does that: CTAPHID_INIT on the channel in use (CTAP 2.1 §11.2.9.1.3). False: it did not answer
  // within half a second.
  [[nodiscard]] bool resynchronize();

 private:
  using Steady = std::chrono::steady_clock;

  void stop(LinkTrouble why);
  void look_at_sent(BytesView report);
  void look_at_received(BytesView report);
  bool send_raw(BytesView report);
  int receive(std::span<Byte> report);

  Descriptor descriptor_;
  Descriptor wake_;  // eventfd: cancel() was called
  bool socket_;
  std::atomic<bool> cancel_asked_ = false;
  LinkTrouble trouble_ = LinkTrouble::none;
  std::optional<Deadline> deadline_;
  std::function<void(Byte)> asks_;
  std::optional<Steady::time_point> grace_until_;  // a cancel was sent

  std::array<Byte, 4> channel_{};  // of the message sent last
  bool owes_answer_ = false;
  bool cbor_ = false;      // CTAPHID_CBOR, else CTAPHID_MSG or another
  Byte command_ = 0;       // of CTAP2
  bool question_ = false;  // U2F check-only
};

}  // namespace countersign::devices::fido2
