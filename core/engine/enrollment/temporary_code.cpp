// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/temporary_code.h"

#include <memory>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/recipients.h"
#include "core/factors/temporary_code.h"

namespace countersign::engine {

void make_temporary_code(Context& context, MakeTemporaryCode request, Then<TemporaryCode> then) {
  if (request.lasts < std::chrono::minutes(5) || request.lasts > std::chrono::hours(24 * 30))
    return then(fail(Code::invalid, "a temporary code lasts 5 minutes to 30 days"));
  if (request.uses < 1 || request.uses > 100)
    return then(fail(Code::invalid, "a temporary code works 1 to 100 times"));
  auto shared = std::make_shared<std::pair<MakeTemporaryCode, temporary_code::New>>(
      std::move(request), temporary_code::make(context.random));
  apply<TemporaryCode>(
      context,
      [&context, shared]() -> Result<Prepared<TemporaryCode>> {
        const auto& [asked, made] = *shared;
        const auto record = TRY(user_named(context, asked.user));
        const Time now = context.clock.read().now;
        Authenticator fresh{.id = context.ids.make<AuthenticatorId>(),
                            .user = record->user.id,
                            .kind = Kind::temporary_code,
                            .created = now,
                            .ended = now + asked.lasts,
                            .basis = asked.basis};
        fresh.progress.detail = asked.uses;
        fresh.material =
            context.vault.seal(crypto::Purpose::authenticator, to_text(fresh.id), made.material);
        Change change;
        change.require.push_back({record->user.id, record->user.generation});
        for (Authenticator old : record->authenticators) {
          if (old.kind != Kind::temporary_code || old.status == Status::revoked) continue;
          old.status = Status::revoked;
          old.ended = now;
          change.writes.emplace_back(std::move(old));
        }
        audit::Event event = event_of(context, asked.caller, "temporary-code");
        event.user = asked.user;
        event.authenticator = to_text(fresh.id);
        event.details = {
            {"uses", std::to_string(asked.uses)},
            {"hours",
             std::to_string(std::chrono::duration_cast<std::chrono::hours>(asked.lasts).count())}};
        event.details.emplace_back("rests_on", asked.basis.text());
        note_address(context, event, record->user);
        change.events.push_back(std::move(event));
        TemporaryCode answer{
            .id = fresh.id, .code = made.code.copy(), .expires = fresh.ended, .uses = asked.uses};
        change.writes.emplace_back(std::move(fresh));
        return Prepared<TemporaryCode>{.change = std::move(change), .answer = std::move(answer)};
      },
      std::move(then));
}

}  // namespace countersign::engine
