// SPDX-License-Identifier: Apache-2.0
// The steps that say which machine a sign-in comes from; begin is one where it brings a browser's
// cookie, or is here.
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/sign_in/browser_cookie.h"
#include "core/engine/sign_in/sign_in_look.h"
#include "core/engine/verification/denials.h"
#include "core/machine/proof.h"

namespace countersign::engine {
namespace {

struct Step {
  SignInRecord record;
  SignInView view;
};

// What a browser's value did to its machine.
struct Presented {
  std::optional<Machine> changed;
  std::string cookie;
  bool reused = false;
};

Result<Presented> present(Context& context, SignInRecord& record, const std::string& value) {
  Presented presented;
  record.machine_kind = MachineKind::browser;
  record.machine = {};
  record.matches = false;
  const auto cookie = read_cookie(context.sign_ins.cookie_key, value);
  if (!cookie) return presented;  // a browser without, or a value that is not ours
  Result<Machine> machine = context.store.machine(cookie->machine);
  if (!machine && machine.error().code != Code::not_found) return std::unexpected(machine.error());
  if (!machine || machine->kind != MachineKind::browser) return presented;
  // The answer with the present value may have been lost: until that one is used, the one before it
  // counts, too.
  const bool present_value = machine->handle == cookie->handle;
  record.matches =
      present_value || (!machine->digests.empty() && machine->digests == cookie->handle);
  presented.reused = !record.matches && machine->status != MachineStatus::forgotten;
  if (!record.matches && !presented.reused)
    return presented;  // forgotten, and another since: as a new one
  record.machine = machine->id;
  if (presented.reused) {
    if (machine->status == MachineStatus::blocked) return presented;
    machine->status = MachineStatus::blocked;
  } else {
    BrowserCookie next = make_cookie(context.random, context.sign_ins.cookie_key, machine->id);
    if (present_value) machine->digests = std::move(machine->handle);
    machine->handle = std::move(next.handle);
    presented.cookie = std::move(next.value);
  }
  presented.changed = std::move(*machine);
  return presented;
}

void record_decision(Context& context, const Caller& caller, const SignInRecord& record,
                     const Look& look, Change& change) {
  const auto [decision, because] = std::pair(look.decided.decision, look.decided.because);
  audit::Event event = event_of_decision(context, caller, record, look, decision, because);
  if (decision == Decision::allow)
    change.events.push_back(std::move(event));
  else
    add_denial(context, caller, look.user != nullptr, std::move(event), change);
}

// Decides, and says in a change what is to be recorded of it.
Result<Prepared<Step>> decide_step(Context& context, const Caller& caller, SignInRecord record,
                                   Presented presented) {
  Look look = TRY(look_at(context, record, presented.changed));
  const Decided& decided = look.decided;
  Change change;
  if (presented.reused) {
    change.events.push_back(event_of(context, caller, "machine.reuse"));
    change.events.back().user = record.user;
    change.events.back().outcome = "blocked";
    change.events.back().details.emplace_back("machine", to_text(record.machine));
  }
  if (decided.because == Because::recognized && look.user &&
      touch(*look.machine, look.policy(), look.user->user, look.clock.now))
    presented.changed = look.machine;
  if (presented.changed) change.writes.emplace_back(*presented.changed);
  if (decided.decision == Decision::allow) {
    record.done = decided.because;
    record.final_state = look.state;
    if (record.primary == Primary::password) {
      record.amr = {"pwd"};
      record.aal = 1;
    }
  }
  const bool final = decided.decision == Decision::allow || decided.decision == Decision::deny;
  if (decided.because == Because::throttled)
    context.suppressed.add({look.user->user.id.value});
  else if (final)
    record_decision(context, caller, record, look, change);
  if (!change.writes.empty() || !change.events.empty()) require_what_was_seen(change, look);
  SignInView view = view_of(context, record, look);
  view.cookie = std::move(presented.cookie);
  return Prepared<Step>{.change = std::move(change),
                        .answer = {std::move(record), std::move(view)}};
}

// then answers from what was committed; what could not be recorded leaves the record waiting as it
// was.
void run_step(Context& context, Caller caller, SignInRecord record,
              std::optional<std::string> cookie, ThenView then) {
  auto before = std::make_shared<SignInRecord>(std::move(record));
  apply<Step>(
      context,
      [&context, caller, before, cookie = std::move(cookie)]() -> Result<Prepared<Step>> {
        SignInRecord trying = *before;
        Presented presented = TRY(cookie ? present(context, trying, *cookie) : Presented{});
        return decide_step(context, caller, std::move(trying), std::move(presented));
      },
      [&context, caller, before, then = std::move(then)](Result<Step> step) mutable {
        if (step)
          return hold_and_answer(context, caller, step->record, std::move(step->view),
                                 std::move(then));
        (void)hold_sign_in(context, caller, *before);
        then(std::unexpected(step.error()));
      });
}

}  // namespace

void decide_again(Context& context, Caller caller, SignInRecord record, ThenView then) {
  run_step(context, std::move(caller), std::move(record), std::nullopt, std::move(then));
}

void begin_sign_in(Context& context, BeginSignIn request, ThenView then) {
  if (request.caller.service.empty())
    return then(
        fail(Code::invalid, "field 'service' is empty: what does the user want to get into?"));
  const Time now = context.clock.read().now;
  SignInRecord record{.id = to_text(context.ids.next()),
                      .user = std::move(request.user),
                      .service = request.caller.service,
                      .audience = std::move(request.audience),
                      .nonce = std::move(request.nonce),
                      .session = std::move(request.session),
                      .primary = request.primary,
                      .receipt = request.receipt,
                      .caller = request.caller.uid,
                      .challenge = Bytes(32),
                      .expires = now + context.rules.sign_in_lives};
  context.random.fill(record.challenge);
  const auto& own = context.sign_ins.own_machine;
  if (request.here && own && !request.cookie)
    if (auto noted = note_host(context, record, own->key, own->fingerprint, own->name); !noted)
      return then(std::unexpected(noted.error()));
  run_step(context, std::move(request.caller), std::move(record), std::move(request.cookie),
           std::move(then));
}

void prove_host(Context& context, Caller caller, const std::string& id, HostProof proof,
                ThenView then) {
  Result<SignInRecord> record = take_sign_in(context, caller, id);
  if (!record) return then(std::unexpected(record.error()));
  const auto refuse = [&](Error error) {
    (void)hold_sign_in(context, caller, *record);
    then(std::unexpected(std::move(error)));
  };
  if (record->done) return refuse(decided_already());
  const auto fingerprint = machine::decode_fingerprint(proof.fingerprint);
  if (!fingerprint) return refuse(fingerprint.error());
  const auto key = crypto::PublicKey::from_spki(crypto::SignatureAlgorithm::es256, proof.key);
  if (!key) return refuse(key.error());
  // One challenge, one proof (T36): the next one is to be over another.
  const Bytes challenge = std::exchange(record->challenge, Bytes(32));
  context.random.fill(record->challenge);
  if (!machine::holds({.challenge = challenge,
                       .sign_in = record->id,
                       .service = record->service,
                       .fingerprint = *fingerprint},
                      *key, proof.signature))
    return refuse({Code::not_permitted,
                   "the machine's proof is not valid: another key signed it, or it is over "
                   "another challenge, sign-in, service or other digests"});
  if (auto noted =
          note_host(context, *record, std::move(proof.key), std::move(proof.fingerprint), {});
      !noted)
    return refuse(noted.error());
  run_step(context, std::move(caller), std::move(*record), std::nullopt, std::move(then));
}

void prove_browser(Context& context, Caller caller, const std::string& id, const std::string& value,
                   ThenView then) {
  Result<SignInRecord> record = take_sign_in(context, caller, id);
  if (!record) return then(std::unexpected(record.error()));
  if (record->done) {
    (void)hold_sign_in(context, caller, *record);
    return then(std::unexpected(decided_already()));
  }
  run_step(context, std::move(caller), std::move(*record), value, std::move(then));
}

}  // namespace countersign::engine
