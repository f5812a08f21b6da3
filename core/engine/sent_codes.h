// SPDX-License-Identifier: Apache-2.0
// Codes by SMS and e-mail: making one that is to be sent, and binding the phone or address that it came to. Typing it is a
// verification like any other (verification/code.h, VerifyCode::challenge), or confirms the enrolment (enrollment.h).
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "core/authenticator.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/pending/held_code.h"
#include "core/engine/pending/enrollment.h"
#include "core/send_budget.h"

namespace countersign::engine {

// What was sent in the last day. Any thread.
class SendBook {
 public:
  // Counts it, if it may be sent.
  [[nodiscard]] std::optional<SendBudget::Refusal> enter(const Sending& sending, const SendRules& rules, Time now);
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

// What is to be sent. The code is for the courier alone; whoever asked is told id, masked recipient and expiry.
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

// Kills the code before it (T09), counts against the budgets (T40), and writes an event before anything leaves. Codes go to the phone
// number and e-mail address on file, confirmed or entered by an administrator.
// not_found: no such user, or nothing on file. not_permitted: suspended, or the number's country is not allowed. exhausted: a budget or
// the throttle; the text says until when.
void begin_sent_code(Context& context, SendBook& book, SendCode request, Then<CodeToSend> then);

// Binding: a code goes to the new number or address, and confirm_enrollment with that code binds it and puts it on file.
struct EnrollSent {
  Caller caller;
  std::string user;
  Kind kind = Kind::sms;
  std::string recipient;  // empty: the one on file
  std::string label;
  Grounds grounds = {};   // on what it is bound
};
// CodeToSend::id is the enrolment's id. Errors as above; invalid: no phone number, or no address.
void begin_sent_enrollment(Context& context, SendBook& book, EnrollSent request, Then<CodeToSend> then);

// For confirm_enrollment: the slot of the code that such an enrolment waits for; and the change that puts the number or address on
// file and ends what was bound to the one before. The event is told of it.
[[nodiscard]] CodeSlot slot_of(const PendingEnrollment& pending);
void put_on_file(Context& context, Change& change, const UserRecord& record, const PendingEnrollment& pending, audit::Event& event);

// An event about a changed address or number tells the old one (T48): it carries it, sealed, as the
// detail "notify" or "notify_sms". Contact data itself stays out of the record.
void note_old_address(Context& context, audit::Event& event, const User& before, const User& after);
// The same of what is on file now, so that whoever changes it before the notice leaves does not get
// it (E5).
void note_address(Context& context, audit::Event& event, const User& user);
// The address or number in such a detail; empty when it can't be opened (any more).
[[nodiscard]] std::string old_address(Context& context, std::string_view detail);

// For change_user: authenticators whose number or address is no longer the one on file end with it (T48).
void end_old_recipients(Change& change, const UserRecord& before, const User& after, Time now);

// Whether a code waits that was sent to this user for this caller and its service, within this
// sign-in or by itself.
[[nodiscard]] bool code_waits(Context& context, const Caller& caller, const std::string& user,
                              const std::string& bound_to);

// The courier could not deliver it: the code dies, and the record says why.
void sending_failed(Context& context, const Caller& caller, const CodeToSend& sent, const Error& error);

// Whether an administrator, or its owner, has suspended it as an authenticator: then the number on
// file counts no more than it.
[[nodiscard]] bool stopped(const UserRecord& record, Kind kind);

// The phone number or e-mail address on file; empty: none.
[[nodiscard]] const std::string& recipient_of(const User& user, Kind kind);
[[nodiscard]] std::string masked(Kind kind, std::string_view recipient);

}  // namespace countersign::engine
