// SPDX-License-Identifier: Apache-2.0
// Tells people by e-mail, and where a number was lost with it by SMS, what happened to their
// account (E5): read from the record, so that nobody who changes something has to think of it, and
// that a restart loses none.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/time.h"
#include "core/engine/context.h"
#include "core/ports/courier.h"
#include "daemon/couriers/settings.h"

namespace countersign::couriers {

// What an event says to the person it is about; empty: nothing. line: of the record.
[[nodiscard]] std::string words_for_event(std::string_view line);

class Notices {
 public:
  Notices(engine::Context& context, Courier& courier, Templates templates, std::string issuer);
  ~Notices();  // ends its thread; before the courier goes

  // From here on, on a thread of its own: sends what the record has that is new. The setting
  // "notices" remembers how far; a store that never had one begins at its end. An e-mail that can't
  // be sent is tried again for a day. A daemon that ends in between may send one twice, and never
  // leaves one out.
  void start();

 private:
  void run();
  void wait(std::chrono::milliseconds time);
  [[nodiscard]] bool read_cursor();
  void keep_cursor();
  // Whether it is done with: sent, or nothing to send.
  [[nodiscard]] bool handle(const audit::Record& record);
  [[nodiscard]] bool tell_administrators(const std::string& what, Time time);
  [[nodiscard]] bool send(const std::string& to, const User& user, const std::string& what,
                          Time time);
  // To the number from before; tried once, so that a gateway that is down holds up no e-mail.
  void send_sms(std::int64_t sequence, const std::string& number, const User& user,
                const std::string& what, Time time);
  // Nothing: the daemon ends.
  [[nodiscard]] std::optional<Result<void>> deliver(Message message);

  engine::Context& context_;
  Courier& courier_;
  const Templates templates_;
  const std::string issuer_;
  std::int64_t handled_ = -1;    // the last event that needs nothing more; -1: not read yet
  std::int64_t sms_tried_ = -1;  // for this event
  std::map<std::string, Time> throttled_;  // users who were told lately

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace countersign::couriers
