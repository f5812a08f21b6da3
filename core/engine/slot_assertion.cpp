// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA1 challenge and response of a YubiKey's slot, the second step; the first is assertion.h's.
#include <algorithm>
#include <memory>

#include "core/engine/apply.h"
#include "core/engine/challenge.h"
#include "core/engine/denials.h"
#include "core/engine/events.h"
#include "core/engine/gate.h"
#include "core/engine/slots.h"
#include "core/engine/verdict_maker.h"

namespace countersign::engine {
namespace {

struct Attempt {
  Context& context;
  FinishSlotAssertion request;
  Challenge challenge;
};

struct Finding {
  Verdict denied{Reason::unavailable};
  std::optional<Authenticator> accepted;
};

Prepared<Finding> recorded(const Attempt& attempt, Finding finding, Change change) {
  audit::Event event = event_of(attempt.context, attempt.request.caller, "verify");
  event.user = attempt.challenge.name;
  event.outcome = finding.accepted ? "verified" : "denied";
  if (finding.accepted) event.authenticator = to_text(finding.accepted->id);
  else event.reason = finding.denied.why();
  event.details.emplace_back("kind", to_name(Kind::hmac));
  if (finding.accepted) change.events.push_back(std::move(event));
  else add_denial(attempt.context, attempt.request.caller, !!attempt.challenge.user, std::move(event), change);
  return {.change = std::move(change), .answer = std::move(finding)};
}

Result<Prepared<Finding>> look(const Attempt& attempt) {
  Context& context = attempt.context;
  const Bytes handle = handle_of(attempt.request.name);
  Finding finding{.denied = Verdict(Reason::unknown_token), .accepted = {}};
  if (!attempt.challenge.user || std::ranges::find(attempt.challenge.slots, handle) == attempt.challenge.slots.end()) return recorded(attempt, std::move(finding), {});
  if (attempt.request.software && !context.rules.fido2.virtual_tokens) {
    finding.denied = Verdict(Reason::wrong_proof, "virtual");
    return recorded(attempt, std::move(finding), {});
  }
  const auto record = context.store.user_by_id(attempt.challenge.user);
  if (!record && record.error().code == Code::not_found) return recorded(attempt, std::move(finding), {});
  if (!record) return std::unexpected(record.error());
  const auto& rows = (*record)->authenticators;
  const auto row = std::ranges::find_if(rows, [&](const Authenticator& each) { return each.kind == Kind::hmac && each.status == Status::active && each.handle == handle; });
  if (row == rows.end()) return recorded(attempt, std::move(finding), {});
  if (auto why = barred(context, **record, *row)) {
    finding.denied = std::move(*why);
    return recorded(attempt, std::move(finding), {});
  }
  const auto material = context.vault.open(crypto::Purpose::authenticator, to_text(row->id), row->material);
  if (!material) return std::unexpected(material.error());
  if (!answers(*material, slot_message(attempt.challenge.value), attempt.request.response)) {
    finding.denied = Verdict(Reason::wrong_proof, "wrong-response");
    return recorded(attempt, std::move(finding), {});
  }
  Authenticator mine = *row;
  mine.progress.last_used = context.clock.read().now;
  Change change;
  change.require.push_back({(*record)->user.id, (*record)->user.generation});
  change.writes.emplace_back(Advance{.authenticator = mine.id, .user = mine.user, .generation = mine.generation, .progress = mine.progress});
  finding.accepted = std::move(mine);
  return recorded(attempt, std::move(finding), std::move(change));
}

}  // namespace

void finish_slot_assertion(Context& context, FinishSlotAssertion request, std::move_only_function<void(Verdict)> then) {
  Result<Challenge> challenge = take_challenge(context, request.caller, request.id, ChallengePurpose::verify);
  if (!challenge) {
    const Verdict verdict(challenge.error().code == Code::not_found ? Reason::no_challenge : Reason::unavailable);
    auto denied = recorded({context, std::move(request), {}}, {.denied = verdict, .accepted = {}}, {});
    return record_denial(context, std::move(denied.change), [verdict, then = std::move(then)](bool done) mutable {
      then(done ? verdict : Verdict(Reason::unavailable));
    });
  }
  auto attempt = std::make_shared<const Attempt>(Attempt{context, std::move(request), std::move(*challenge)});
  apply<Finding>(
      context, [attempt] { return look(*attempt); },
      [attempt, then = std::move(then)](Result<Finding> finding) mutable {
        if (!finding) return then(Verdict(Reason::unavailable));
        if (!finding->accepted) return then(std::move(finding->denied));
        // Single-factor cryptographic (SP 800-63B-4 §3.1.6); "user" when it waited for a touch.
        VerdictMaker::Worth worth{.amr = {"hwk"}, .aal = 1};
        if (attempt->request.touched) worth.amr.emplace_back("user");
        then(VerdictMaker::verified(*finding->accepted, std::move(worth)));
      });
}

}  // namespace countersign::engine
