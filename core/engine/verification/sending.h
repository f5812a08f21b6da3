// SPDX-License-Identifier: Apache-2.0
// Codes by SMS and e-mail: making one that is to be sent. Typing it is a verification like any
// other (code.h, VerifyCode::challenge), or confirms an enrolment (enrollment/sent_enrollment.h).
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "core/authenticator.h"
#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/verification/held_code.h"
#include "core/policy/send_budget.h"

namespace countersign::engine {

// What was sent in the last day. Any thread.
class SendBook {
 public:
  // Counts it, if it may be sent.
  [[nodiscard]] std::optional<SendBudget::Refusal> enter(const Sending& sending,
                                                         const SendRules& rules, Time now);
  // What the record says was sent before the daemon started.
  void remember(const Sending& sending, Time when);

 private:
  std::mutex mutex_;
  SendBudget budget_;
};

struct SendCode {
  Caller caller;
  std::string user;
  Kind kind = Kind::sms;      // sms or email
  std::string bound_to;       // the sign-in that it is for; empty: a verification by itself
  std::optional<int> digits;  // of the policy; else the rules'
};

// What is to be sent. The code is for the courier alone; whoever asked is told id, masked recipient
// and expiry.
struct CodeToSend {
  std::string id;  // of the challenge: what the typed code comes with
  Kind kind = Kind::sms;
  std::string user, display_name;
  std::string recipient, masked;
  std::string service;
  Secret code;
  Time expires{};
  CodeSlot slot;
};

// Kills the code before it (T09), counts against the budgets (T40), and writes an event before
// anything leaves. Codes go to the phone number and e-mail address on file, confirmed or entered by
// an administrator. not_found: no such user, or nothing on file. not_permitted: suspended, or the
// number's country is not allowed. exhausted: a budget or the throttle; the text says until when.
void begin_sent_code(Context& context, SendBook& book, SendCode request, Then<CodeToSend> then);

// What both ways of sending a code share.
struct CodeOrder {
  Caller caller;
  Kind kind = Kind::sms;
  std::string bound_to;
  std::optional<int> digits = {};
  std::string enrollment = {};  // its id: the code confirms it, whoever types it
};
void send_code(Context& context, SendBook& book, const std::shared_ptr<const UserRecord>& record,
               const CodeOrder& order, const std::string& recipient, Then<CodeToSend> then);
// invalid: not sms or email.
[[nodiscard]] Result<void> require_sent_kind(Kind kind);

// Whether a code waits that was sent to this user for this caller and its service, within this
// sign-in or by itself.
[[nodiscard]] bool code_waits(Context& context, const Caller& caller, const std::string& user,
                              const std::string& bound_to);

// The courier could not deliver it: the code dies, and the record says why.
void sending_failed(Context& context, const Caller& caller, const CodeToSend& sent,
                    const Error& error);

}  // namespace countersign::engine
