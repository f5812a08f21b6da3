// SPDX-License-Identifier: Apache-2.0
// Binding a phone number or an e-mail address: a code goes there, and confirm_enrollment with that
// code binds it and puts it on file.
#pragma once

#include <string>

#include "core/engine/context.h"
#include "core/engine/enrollment/pending_enrollment.h"
#include "core/engine/grounds/grounds.h"
#include "core/engine/verification/sending.h"

namespace countersign::engine {

struct EnrollSent {
  Caller caller;
  std::string user;
  Kind kind = Kind::sms;
  std::string recipient;  // empty: the one on file
  std::string label;
  Grounds grounds = {};  // on what it is bound
};
// CodeToSend::id is the enrolment's id. Errors as of begin_sent_code; invalid: no phone number, or
// no address.
void begin_sent_enrollment(Context& context, SendBook& book, EnrollSent request,
                           Then<CodeToSend> then);

// For confirm_enrollment: the slot of the code that such an enrolment waits for; and the change
// that puts the number or address on file and ends what was bound to the one before. The event is
// told of it.
[[nodiscard]] CodeSlot slot_of(const PendingEnrollment& pending);
void put_on_file(Context& context, Change& change, const UserRecord& record,
                 const PendingEnrollment& pending, audit::Event& event);

}  // namespace countersign::engine
