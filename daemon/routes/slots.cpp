// SPDX-License-Identifier: Apache-2.0
// Programming a YubiKey's slot, enrolled in the same step. The order is what makes it all or
// nothing: look at the key; record the enrolment, suspended, with its secret; write the key; read
// it back; activate. Wherever that stops, doing it again goes on with the same secret.
#include <algorithm>

#include "core/encoding/hex.h"
#include "core/encoding/modhex.h"
#include "core/engine/enrollment/slots.h"
#include "core/engine/lookup.h"
#include "daemon/api/slots.h"
#include "daemon/api/tap.h"
#include "daemon/api/with_fresh.h"
#include "daemon/ceremonies/tap.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/tokens/slot_client.h"
#include "daemon/views/advisory_view.h"
#include "daemon/views/slots_view.h"

namespace countersign::routes {
namespace {

using http::Privilege;

constexpr std::size_t code_size = 6;
// What a write is handed (devices/yubikey/slots.h): fixed part, private id, key, access code to
// set, access code that holds.
constexpr std::size_t fixed_at = 0, private_id_at = 16, key_at = 22, code_at = 38, current_at = 44,
                      secrets_size = 50;

struct Job {
  std::shared_ptr<Tap> tap;
  api::SlotProgram request;
  Secret code_now, code_next;   // six octets each; zeros: none
  std::optional<Secret> known;  // what is in the slot, as somebody says
  bool code_set = false;        // what was begun may have set the new one already
  engine::SlotName name;
  engine::PreparedSlot prepared;
  api::SlotProgrammed told;
  std::string device;  // from the first look on, this one
  std::vector<std::string> warned;
  engine::Grounds grounds;  // on what it is bound

  [[nodiscard]] SlotTask task() const { return request.task.value_or(SlotTask::write); }
  [[nodiscard]] bool enrols() const {
    return task() == SlotTask::write && request.kind != SlotKind::static_password;
  }
  [[nodiscard]] Services& services() const { return tap->services; }
  [[nodiscard]] engine::Context& context() const { return tap->services.context; }
};
using Work = std::shared_ptr<Job>;

Kind kind_of(SlotKind kind) {
  switch (kind) {
    case SlotKind::yubico_otp:
      return Kind::yubico_otp;
    case SlotKind::hmac:
      return Kind::hmac;
    case SlotKind::hotp:
      return Kind::hotp;
    case SlotKind::static_password:
      break;
  }
  return Kind::hotp;  // never asked: a static password is not enrolled
}

Result<Secret> access_code(const std::optional<Secret>& text) {
  if (!text) return Secret(code_size);
  auto code = formats::hex_decode(text->expose_text());
  if (!code || code->size() != code_size)
    return fail(Code::invalid, "an access code is twelve hexadecimal digits");
  return code;
}

Result<void> check(const api::SlotProgram& request) {
  if (request.slot != 1 && request.slot != 2)
    return fail(Code::invalid, "a YubiKey has slots 1 and 2");
  if (request.task.value_or(SlotTask::write) != SlotTask::write) return {};
  if (!request.kind) return fail(Code::invalid, "kind is needed: yubico-otp, hmac, hotp or static");
  if (!request.user && request.kind != SlotKind::static_password)
    return fail(Code::invalid, "user is needed: what is written is enrolled in the same step");
  if (request.secret && request.kind != SlotKind::hmac)
    return fail(Code::invalid,
                "secret is for hmac: other kinds are imported, or are programmed into the slot");
  if (request.touch.value_or(false) && request.kind != SlotKind::hmac)
    return fail(Code::invalid, "touch is for hmac; the other kinds type when touched");
  return {};
}

// What goes into the slot, in one piece.
Secret secrets_for(Job& job) {
  if (job.task() != SlotTask::write) return job.code_now.copy();
  Secret all(secrets_size);
  const auto out = all.expose_mutable();
  const BytesView material = job.prepared.material.expose();
  const auto put = [&out](BytesView octets, std::size_t at) {
    std::ranges::copy(octets, out.begin() + static_cast<std::ptrdiff_t>(at));
  };
  switch (*job.request.kind) {
    case SlotKind::yubico_otp:
      put(job.prepared.public_id, fixed_at);
      put(material.first(16), key_at);
      put(material.subspan(16), private_id_at);
      break;
    case SlotKind::hmac:
    case SlotKind::hotp:
      put(material.first(16), key_at);
      put(material.subspan(16), private_id_at);
      break;
    case SlotKind::static_password: {
      // 32 letters whose keys are the same on many layouts, as scan codes: 160 bits would be 40;
      // these are 128.
      constexpr std::string_view letters = "cbdefghijklnrtuv";
      Secret random(32);
      job.context().random.fill(random.expose_mutable());
      for (std::size_t i = 0; i < random.size(); ++i)
        out[i] = static_cast<Byte>(4 + letters[random.expose()[i] & 0x0fU] - 'a');
      break;
    }
  }
  put(job.code_next.expose(), code_at);
  put(job.code_set ? job.code_next.expose() : job.code_now.expose(), current_at);
  return all;
}

void finish(const Work& job) { job->tap->stream->finish(api::encode(job->told)); }

void use(const Work& job, tokens::Way way,
         std::move_only_function<void(std::expected<tokens::Outcome, tokens::Failed>)> then) {
  tokens::Plan plan;
  plan.ways.push_back(std::move(way));
  plan.device = job->device;
  plan.slot_secrets = [job] { return secrets_for(*job); };
  use_tokens(job->tap, std::move(plan), std::move(then));
}

// The last step: what is enrolled becomes active.
void activate(const Work& job) {
  engine::activate_slot(job->context(), job->tap->caller, job->prepared.id,
                        [job](Result<AuthenticatorId> done) {
                          if (!done) return job->tap->stream->fail(done.error());
                          job->told.authenticator = to_text(*done);
                          finish(job);
                        });
}

// The key did not take it, or answers something else: what was prepared ends, so that nobody
// believes in it.
void give_up(const Work& job, const Error& error) {
  engine::give_up_slot(job->context(), job->tap->caller, job->prepared.id, error.what,
                       [job, error](Result<AuthenticatorId>) { job->tap->stream->fail(error); });
}

// HMAC without a touch: the key answers a challenge with the new secret. For the others its status
// has to do: they answer nobody but people.
void read_back(const Work& job) {
  if (job->request.kind != SlotKind::hmac || (job->request.touch.value_or(false) && !job->known))
    return activate(job);
  Bytes challenge(32);
  job->context().random.fill(challenge);
  const Bytes message = engine::slot_message(challenge);
  use(job, tokens::slot_way({job->name}, message),
      [job, message](std::expected<tokens::Outcome, tokens::Failed> outcome) {
        if (!outcome && job->known)
          return give_up(job,
                         outcome.error().failure == reader::Failure::slot_refused
                             ? Error{Code::conflict,
                                     "this slot answers no HMAC-SHA1 challenge: it is not enrolled"}
                             : error_of(outcome.error()));
        if (!outcome)
          return job->tap->stream->fail(error_of(outcome.error()));  // do it again, and it goes on
        const auto proof = tokens::slot_proof(*outcome);
        if (!proof || !engine::answers(job->prepared.material, message, proof->response))
          return give_up(
              job,
              job->known
                  ? Error{Code::invalid,
                          "the key answers with another secret than the one that was given: it is "
                          "not enrolled"}
                  : Error{Code::corrupt,
                          "the key answers with another secret than the one that was written: it "
                          "is not enrolled. Erase the slot and try again, or throw the key away"});
        job->told.verified = true;
        activate(job);
      });
}

void write_key(const Work& job) {
  reader::SlotWrite write{.task = job->task(),
                          .slot = job->name.slot,
                          .touch = job->request.touch.value_or(false),
                          .append_return = job->request.append_return.value_or(true),
                          .serial_visible = job->request.serial_visible.value_or(true),
                          .eight_digits = job->request.eight_digits.value_or(false)};
  if (job->request.kind) write.kind = *job->request.kind;
  write.fixed_size = static_cast<std::int64_t>(job->prepared.public_id.size());
  use(job, tokens::slot_written(write),
      [job](std::expected<tokens::Outcome, tokens::Failed> outcome) {
        if (!outcome) {
          const Error error = error_of(outcome.error());
          const bool refused = outcome.error().failure == reader::Failure::slot_refused;
          if (refused && job->prepared.resumed && !std::exchange(job->code_set, true))
            return write_key(job);
          if (job->enrols() && refused && !job->prepared.resumed) return give_up(job, error);
          return job->tap->stream->fail(
              {error.code,
               error.what + (job->enrols()
                                 ? ". Plug it in and do the same again: it goes on where it was"
                                 : "")});
        }
        const auto* written = std::get_if<reader::SlotWritten>(&outcome->reply);
        if (written == nullptr)
          return job->tap->stream->fail(error_of({.failure = reader::Failure::malformed}));
        job->told.after = slots_view(job->services(), written->slots);
        if (!job->enrols()) return finish(job);
        if (!written->slots.slots[static_cast<std::size_t>(job->name.slot - 1)].programmed)
          return give_up(
              job,
              {Code::corrupt,
               "the key says that the slot is empty after it was written: it is not enrolled"});
        read_back(job);
      });
}

void prepare(const Work& job, const devices::SlotsInfo& info, bool software) {
  const auto& request = job->request;
  engine::prepare_slot(
      job->context(),
      {.caller = job->tap->caller,
       .user = *request.user,
       .label = request.label.value_or(""),
       .kind = kind_of(*request.kind),
       .name = job->name,
       .programmed = info.slots[static_cast<std::size_t>(request.slot - 1)].programmed,
       .sequence = info.sequence,
       .force = request.force.value_or(false),
       .eight_digits = request.eight_digits.value_or(false),
       .software = software,
       .advisories = job->warned,
       .known = job->known ? std::optional(job->known->copy()) : std::nullopt,
       .grounds = job->grounds},
      [job](Result<engine::PreparedSlot> prepared) {
        if (!prepared) return job->tap->stream->fail(prepared.error());
        job->prepared = std::move(*prepared);
        job->told.resumed = job->prepared.resumed;
        if (!job->prepared.public_id.empty())
          job->told.public_id = formats::modhex_encode(job->prepared.public_id);
        // The store may have called from a thread of its own.
        job->services().post([job] {
          if (!job->known) return write_key(job);
          job->told.after = job->told.before;
          read_back(job);
        });
      });
}

// Erasing, swapping and static passwords leave what is enrolled alone: it has to be revoked before.
Result<void> nothing_lost(const Job& job, const devices::SlotsInfo& info) {
  for (const int slot : {1, 2}) {
    if (slot != job.name.slot && job.task() != SlotTask::swap) continue;
    const api::SlotView& view = job.told.before.slots[static_cast<std::size_t>(slot - 1)];
    if (view.authenticator)
      return fail(Code::exists, "slot " + std::to_string(slot) + " of this key is enrolled as " +
                                    *view.authenticator +
                                    ": revoke that first ('countersign authenticator revoke')");
    const bool overwrites =
        job.task() != SlotTask::swap && info.slots[static_cast<std::size_t>(slot - 1)].programmed;
    if (overwrites && !job.request.force.value_or(false))
      return fail(Code::conflict, "slot " + std::to_string(slot) +
                                      " of this key is programmed: --force overwrites it for good "
                                      "(whatever it was for stops working)");
  }
  return {};
}

// What firmware is needed for (Yubico's personalization tool refuses the same).
struct Ability {
  std::string_view what, since;
};
Ability ability_for(const api::SlotProgram& request) {
  switch (request.task.value_or(SlotTask::write)) {
    case SlotTask::swap:
      return {"swapping of slots", "2.3"};
    case SlotTask::erase:
      return {"second slot", request.slot == 2 ? "2.0" : "1.0"};
    case SlotTask::write:
      break;
  }
  switch (*request.kind) {
    case SlotKind::hmac:
      return {"challenge and response", "2.2"};
    case SlotKind::hotp:
      return {"OATH-HOTP", "2.1"};
    case SlotKind::static_password:
      return {"static passwords of this form", "2.0"};
    case SlotKind::yubico_otp:
      return {"second slot", request.slot == 2 ? "2.0" : "1.0"};
  }
  std::unreachable();
}

Result<void> capable(const Job& job, const devices::SlotsInfo& info) {
  if (!info.serial)
    return fail(Code::conflict,
                "this key hides its serial number, which it is known by here: "
                "write a slot with Yubico's tool and -oserial-api-visible first");
  const auto has = FirmwareVersion::parse(info.firmware);
  const Ability needs = ability_for(job.request);
  if (has && *has < *FirmwareVersion::parse(needs.since))
    return fail(Code::conflict, "firmware " + info.firmware + " has no " + std::string(needs.what) +
                                    ": it needs " + std::string(needs.since) +
                                    " or later. Use another key");
  return {};
}

// Advisories that are about slots. Why the key is not taken, if so.
std::optional<std::string> vet(Job& job, const devices::Device& device) {
  const auto set = [](const Secret& code) {
    return std::ranges::any_of(code.expose(), [](Byte octet) { return octet != 0; });
  };
  for (const Finding& each : against_slots(device, set(job.code_now) || set(job.code_next))) {
    if (each.verdict == AdvisoryVerdict::note) continue;
    const std::string id(each.id);
    if (each.verdict == AdvisoryVerdict::refuse)
      return "this " + device.model + " is not programmed: " + id + ": " + words_of(each);
    job.warned.push_back(id);
    api::TapEvent event{.event = api::Prompt::advisory};
    event.device = device.model;
    event.advisory = id;
    event.about = words_of(each);
    job.tap->stream->event(api::encode(event));
  }
  return std::nullopt;
}

// Said before anything is written.
void tell_present(const Job& job) {
  const api::SlotsView& now = job.told.before;
  api::TapEvent event{.event = api::Prompt::present};
  event.device = job.told.model;
  event.about = "serial " + std::to_string(job.name.serial) + ", firmware " + now.firmware;
  for (const api::SlotView& slot : now.slots)
    *event.about += ", slot " + std::to_string(slot.slot) +
                    (slot.programmed ? " programmed" : " empty") +
                    (slot.authenticator ? " (" + *slot.authenticator + ")" : "");
  job.tap->stream->event(api::encode(event));
}

// What enrols nothing is a change to a key all the same: it is in the record before it is done.
void record(const Work& job) {
  const std::string what(job->task() == SlotTask::write ? to_name(*job->request.kind)
                                                        : to_name(job->task()));
  engine::record_slot_deed(job->context(),
                           {.caller = job->tap->caller,
                            .what = what,
                            .user = job->request.user.value_or(""),
                            .name = job->name,
                            .force = job->request.force.value_or(false)},
                           [job](const Result<engine::SlotName>& done) {
                             if (!done) return job->tap->stream->fail(done.error());
                             job->services().post([job] { write_key(job); });
                           });
}

void look(const Work& job) {
  use(job, tokens::slots_shown(), [job](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    const auto& stream = job->tap->stream;
    if (!outcome) return stream->fail(error_of(outcome.error()));
    if (!outcome->slots || outcome->slots->slots.size() != 2)
      return stream->fail(error_of({.failure = reader::Failure::malformed}));
    const devices::SlotsInfo& info = *outcome->slots;
    if (auto held = capable(*job, info); !held) return stream->fail(held.error());
    if (auto why = vet(*job, outcome->device)) return stream->fail({Code::not_permitted, *why});
    job->device = outcome->device.id;
    job->name = {.serial = *info.serial, .slot = job->request.slot};
    job->told.device = outcome->device.id;
    job->told.model = outcome->device.model;
    job->told.before = slots_view(job->services(), info);
    tell_present(*job);
    if (job->enrols())
      return prepare(job, info, outcome->device.transport == devices::Transport::software);
    if (auto held = nothing_lost(*job, info); !held) return stream->fail(held.error());
    record(job);
  });
}

void program(Services& services, const http::Call& call, api::WithFresh<api::SlotProgram> request,
             std::shared_ptr<http::Stream> stream) {
  if (auto held = check(request); !held) return stream->fail(held.error());
  if (request.user)
    if (const auto named = engine::user_named(services.context, *request.user); !named)
      return stream->fail(named.error());
  auto now = access_code(request.access_code);
  auto next = access_code(request.new_access_code ? request.new_access_code : request.access_code);
  if (!now || !next) return stream->fail(now ? next.error() : now.error());
  Result<Secret> known =
      request.secret ? formats::hex_decode(request.secret->expose_text()) : Secret();
  if (!known || (request.secret && known->size() != 20))
    return stream->fail({Code::invalid, "an HMAC-SHA1 secret is given as 40 hexadecimal digits"});
  auto job = std::make_shared<Job>();
  if (request.task.value_or(SlotTask::write) == SlotTask::write &&
      request.kind != SlotKind::static_password) {
    Result<engine::Grounds> grounds =
        grounds_for(services, call,
                    {.user = *request.user,
                     .kind = kind_of(*request.kind),
                     .parts = {{"slot", std::to_string(request.slot)},
                               {"force", request.force.value_or(false) ? "yes" : ""}},
                     .fresh = std::move(request.fresh),
                     .recovery = request.recovery,
                     .permit = std::move(request.permit)});
    if (!grounds) return stream->fail(grounds.error());
    job->grounds = std::move(*grounds);
  }
  if (request.secret) job->known = std::move(*known);
  job->tap = tap_for(services, call, request.user.value_or(""), request.seconds, std::move(stream));
  job->code_now = std::move(*now);
  job->code_next = std::move(*next);
  job->device = request.id == "any" ? std::string() : request.id;
  job->told.slot = request.slot;
  job->told.user = request.user;
  job->request = std::move(request);
  look(job);
}

}  // namespace

api::SlotsView slots_view(Services& services, const devices::SlotsInfo& info) {
  api::SlotsView view{
      .firmware = info.firmware, .serial = info.serial, .sequence = info.sequence, .slots = {}};
  for (int slot = 1; slot <= static_cast<int>(info.slots.size()); ++slot) {
    const devices::SlotInfo& each = info.slots[static_cast<std::size_t>(slot - 1)];
    api::SlotView shown{
        .slot = slot, .programmed = each.programmed, .touch = each.touch, .authenticator = {}};
    const auto rows = info.serial ? services.context.store.authenticators(
                                        {.serial = engine::serial_of({*info.serial, slot})})
                                  : Result<std::vector<Authenticator>>();
    if (rows)
      for (const Authenticator& row : *rows)
        if (row.status != Status::revoked) shown.authenticator = to_text(row.id);
    view.slots.push_back(std::move(shown));
  }
  return view;
}

std::vector<http::Route> slot_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(
      http::make_stream_route<api::WithFresh<api::SlotProgram>, api::TapEvent, api::SlotProgrammed>(
          {.path = "/v1/devices/{id}/slots",
           .privilege = Privilege::admin,
           .summary = "Programs a slot of a YubiKey with a fresh secret and enrols it in the same "
                      "step; or erases it, or swaps both",
           .failures = {Code::not_found, Code::exists, Code::conflict, Code::timed_out},
           .handle = [&services](const http::Call& call, api::WithFresh<api::SlotProgram> request,
                                 std::shared_ptr<http::Stream> stream) {
             program(services, call, std::move(request), std::move(stream));
           }}));
  return rows;
}

}  // namespace countersign::routes
