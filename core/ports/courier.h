// SPDX-License-Identifier: Apache-2.0
// What takes a message to a phone or a mailbox. Implementations: daemon/couriers (SMTP, HTTP
// gateways); a fake is in tests/fakes.
#pragma once

#include <functional>
#include <string>

#include "core/authenticator.h"
#include "core/base/deadline.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign {

struct Message {
  Kind by = Kind::sms;  // sms or email
  std::string to;       // E.164, or an address
  std::string subject;  // e-mail alone
  Secret text;          // UTF-8
  Secret html;          // e-mail alone; empty: none
};

class Courier {
 public:
  virtual ~Courier() = default;

  // done runs exactly once, on a thread of the courier's, or before send() returns when it is
  // refused at once. Success: the next hop took it over, no more than that. unavailable, timed_out:
  // it did not, and another time it may; the text is for the person who waits. exhausted: too many
  // wait. invalid: such a recipient can't be sent to. not_permitted: nothing is configured for it.
  using Done = std::move_only_function<void(Result<void>)>;
  virtual void send(Message message, Deadline deadline, Done done) = 0;
  // Whether anything is configured that could.
  [[nodiscard]] virtual bool carries(Kind by) const = 0;
};

}  // namespace countersign
