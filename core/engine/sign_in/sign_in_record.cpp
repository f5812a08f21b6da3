// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sign_in/sign_in_record.h"

#include "core/engine/pending/waiting.h"

namespace countersign::engine {

std::uint64_t SignInRecord::owner(const Caller& caller) { return owner_for(caller, "sign-in"); }

Result<void> hold_sign_in(Context& context, const Caller& caller, const SignInRecord& record) {
  return hold(context,
              {.id = record.id,
               .owner = SignInRecord::owner(caller),
               .holder = caller.holder(),
               .expires = record.expires,
               .most_per_owner = context.rules.sign_ins_per_caller},
              record);
}

Result<SignInRecord> take_sign_in(Context& context, const Caller& caller, const std::string& id) {
  Result<SignInRecord> record = take<SignInRecord>(context, caller, id);
  if (!record && record.error().code == Code::not_found)
    return fail(Code::not_found,
                "there is no sign-in with this id: it has expired, another step of it is under "
                "way, or it never existed; begin again");
  return record;
}

}  // namespace countersign::engine
