// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/machines.h"

#include <memory>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/sign_in_shared.h"

namespace countersign::engine {
namespace {

Result<Machine> machine_with_id(Context& context, const std::string& id) {
  const auto number = id_from_text(id);
  auto found = number ? context.store.machine({*number}) : fail(Code::not_found, "");
  if (!found && found.error().code == Code::not_found)
    return fail(Code::not_found, "there is no machine '" + escape_text(id) + "'");
  return found;
}

Result<void> recognize_by_word(Context& context, const ActOnMachine& request, Machine& machine,
                               Time now) {
  User who{.audience = request.audience};
  if (!request.user.empty()) {
    const auto record = TRY(user_named(context, request.user));
    who = record->user;
  } else if (!audience_known(context.sign_ins.policies.now()->policies, request.audience)) {
    return fail(Code::not_found, "there is no audience '" + escape_text(request.audience) + "'");
  }
  if (machine.status == MachineStatus::forgotten) machine.recognitions.clear();
  Policy policy;
  policy.recognition.for_everyone = request.user.empty();
  if (!recognize(machine, policy, who, Kind::fido2, now))
    return fail(Code::internal, "the machine was not recognized");
  return {};
}

std::string action_of(MachineAct act) {
  switch (act) {
    case MachineAct::forget:
      return "machine.forget";
    case MachineAct::block:
      return "machine.block";
    case MachineAct::recognize:
      return "machine.recognize";
  }
  std::unreachable();
}

}  // namespace

void act_on_machine(Context& context, ActOnMachine request, Then<Machine> then) {
  if (request.act == MachineAct::recognize && request.user.empty() == request.audience.empty())
    return then(fail(
        Code::invalid,
        "a machine is recognized for one user, or for everyone of an audience: name one of them"));
  if (auto plain = require_plain_text("name", request.name, 128); !plain)
    return then(std::unexpected(plain.error()));
  auto shared = std::make_shared<ActOnMachine>(std::move(request));
  apply<Machine>(
      context,
      [&context, shared]() -> Result<Prepared<Machine>> {
        Machine machine = TRY(machine_with_id(context, shared->id));
        switch (shared->act) {
          case MachineAct::forget:
            machine.status = MachineStatus::forgotten;
            machine.recognitions.clear();
            break;
          case MachineAct::block:
            machine.status = MachineStatus::blocked;
            break;
          case MachineAct::recognize:
            TRY(recognize_by_word(context, *shared, machine, context.clock.read().now));
        }
        if (!shared->name.empty()) machine.name = shared->name;
        Change change;
        change.events.push_back(event_of(context, shared->caller, action_of(shared->act)));
        auto& details = change.events.back().details;
        details.emplace_back("machine", to_text(machine.id));
        details.emplace_back("kind", to_name(machine.kind));
        if (shared->act == MachineAct::recognize)
          details.emplace_back("for", shared->user.empty() ? shared->audience : shared->user);
        if (!shared->basis.empty()) details.emplace_back("rests_on", shared->basis);
        change.writes.emplace_back(machine);
        return Prepared<Machine>{.change = std::move(change), .answer = std::move(machine)};
      },
      std::move(then));
}

void forget_all_machines(Context& context, Caller caller, std::string basis,
                         Then<std::monostate> then) {
  auto fresh = std::make_shared<PoliciesInForce>();
  apply<std::monostate>(
      context,
      [&context, caller = std::move(caller), basis = std::move(basis),
       fresh]() -> Result<Prepared<std::monostate>> {
        Setting setting = TRY(setting_or_new(context, policies_setting));
        Policies now = TRY(setting.value.empty() ? Policies{} : decode_policies(setting.value));
        now.machines_since = context.clock.read().now;
        setting.value = encode(now);
        *fresh = {.policies = std::move(now), .generation = setting.generation + 1};
        Change change;
        change.events.push_back(event_of(context, caller, "machine.forget-all"));
        change.events.back().details.emplace_back("rests_on", basis);
        change.writes.emplace_back(std::move(setting));
        return Prepared<std::monostate>{.change = std::move(change), .answer = {}};
      },
      [&context, fresh, then = std::move(then)](Result<std::monostate> done) mutable {
        if (done) context.sign_ins.policies.use(*fresh);
        then(std::move(done));
      });
}

}  // namespace countersign::engine
