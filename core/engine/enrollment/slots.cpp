// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/slots.h"

#include <algorithm>
#include <memory>

#include "core/base/text.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"

namespace countersign::engine {
namespace {

constexpr std::size_t hmac_key_size = 20, otp_material_size = 16 + 6, public_id_size = 6;
// Until the key has it: Progress::detail; the counter is the key's programming sequence then.
constexpr std::int64_t unfinished = -2;

audit::Event event_about(Context& context, const Caller& caller, std::string action,
                         const std::string& user, const Authenticator& authenticator) {
  audit::Event event = event_of(context, caller, std::move(action));
  event.user = user;
  event.authenticator = to_text(authenticator.id);
  event.details.emplace_back("kind", to_name(authenticator.kind));
  event.details.emplace_back("serial", authenticator.serial);
  return event;
}

// What holds this slot now, if anything: a revoked row does not.
Result<std::optional<Authenticator>> holder_of(Context& context, const SlotName& name) {
  auto rows = TRY(context.store.authenticators({.serial = serial_of(name)}));
  const auto found = std::ranges::find_if(
      rows, [](const Authenticator& each) { return each.status != Status::revoked; });
  return found == rows.end() ? std::nullopt : std::optional(std::move(*found));
}

std::string owner_or_nobody(Context& context, const Authenticator& row) {
  const auto name = owner_name(context, row);
  return name && !name->empty() ? *name : std::string("nobody");
}

Authenticator fresh_row(Context& context, const PrepareSlot& request, UserId user,
                        PreparedSlot& prepared) {
  Authenticator row{.id = context.ids.make<AuthenticatorId>(),
                    .user = user,
                    .kind = request.kind,
                    .status = Status::suspended,
                    .label = request.label,
                    .serial = serial_of(request.name),
                    .created = context.clock.read().now};
  row.progress = {.counter = request.sequence, .detail = unfinished};
  prepared.id = row.id;
  prepared.material =
      request.known ? request.known->copy()
                    : Secret(request.kind == Kind::yubico_otp ? otp_material_size : hmac_key_size);
  if (!request.known) context.random.fill(prepared.material.expose_mutable());
  if (request.kind == Kind::yubico_otp) {
    prepared.public_id.resize(public_id_size);
    context.random.fill(prepared.public_id);
    prepared.public_id[0] = 0xff;  // "vv": keys that their owners programmed, not Yubico
    row.handle = prepared.public_id;
  } else if (request.kind == Kind::hmac) {
    row.handle = handle_of(request.name);
  } else {
    row.oath = {.algorithm = HashAlgorithm::sha1, .digits = request.eight_digits ? 8 : 6};
  }
  row.material =
      context.vault.seal(crypto::Purpose::authenticator, to_text(row.id), prepared.material);
  return row;
}

void end_row(Context& context, const PrepareSlot& request, Authenticator row, Change& change) {
  row.status = Status::revoked;
  row.ended = context.clock.read().now;
  change.events.push_back(event_about(context, request.caller, "authenticator.revoke",
                                      owner_or_nobody(context, row), row));
  change.events.back().details.emplace_back("because", "its slot was written again");
  change.writes.emplace_back(std::move(row));
}

std::unexpected<Error> overwriting(const PrepareSlot& request) {
  return fail(Code::conflict, "slot " + std::to_string(request.name.slot) +
                                  " of this key is programmed, with a secret that is not known "
                                  "here: take the other slot, or --force, which "
                                  "overwrites it for good (whatever it was for stops working)");
}

Result<Prepared<std::shared_ptr<PreparedSlot>>> prepare(Context& context,
                                                        const PrepareSlot& request) {
  const auto record = TRY(user_named(context, request.user));
  auto holder = TRY(holder_of(context, request.name));
  auto prepared = std::make_shared<PreparedSlot>();
  Change change;
  change.require.push_back({record->user.id, record->user.generation});
  if (holder) {
    Authenticator& row = *holder;
    // What was begun has not come to the key: what is in the slot is somebody else's.
    if (begun(row) && request.programmed && !request.force && !request.known &&
        row.progress.counter == request.sequence)
      return overwriting(request);
    if (begun(row) && row.user == record->user.id && row.kind == request.kind && !request.known) {
      auto material =
          TRY(context.vault.open(crypto::Purpose::authenticator, to_text(row.id), row.material));
      *prepared = {.id = row.id,
                   .material = std::move(material),
                   .public_id = row.kind == Kind::yubico_otp ? row.handle : Bytes(),
                   .resumed = true};
      return Prepared<std::shared_ptr<PreparedSlot>>{.change = {}, .answer = std::move(prepared)};
    }
    if (!request.force && !begun(row))
      return fail(Code::exists,
                  "this key's slot " + std::to_string(request.name.slot) +
                      " is enrolled already, for " + escape_text(owner_or_nobody(context, row)) +
                      ": take another key or slot, or --force, which ends that enrolment");
    end_row(context, request, std::move(row), change);
  } else if (request.programmed && !request.force && !request.known) {
    return overwriting(request);
  }
  Authenticator row = fresh_row(context, request, record->user.id, *prepared);
  audit::Event event = event_about(context, request.caller, "slot.prepare", request.user, row);
  if (request.software) event.details.emplace_back("virtual", "yes");
  if (request.known) event.details.emplace_back("secret", "given");
  std::string all;
  for (const std::string& each : request.advisories) all += (all.empty() ? "" : " ") + each;
  if (!all.empty()) event.details.emplace_back("advisories", std::move(all));
  TRY(bind(context, change, request.caller, *record, std::move(row), request.grounds,
           std::move(event)));
  return Prepared<std::shared_ptr<PreparedSlot>>{.change = std::move(change),
                                                 .answer = std::move(prepared)};
}

// From "being programmed" to its end, one way or the other.
void settle(Context& context, Caller caller, AuthenticatorId id, std::optional<std::string> trouble,
            Then<AuthenticatorId> then) {
  apply<AuthenticatorId>(
      context,
      [&context, caller = std::move(caller), id,
       trouble = std::move(trouble)]() -> Result<Prepared<AuthenticatorId>> {
        auto row = TRY(context.store.authenticator(id));
        if (!begun(row))
          return fail(Code::conflict,
                      "somebody else changed this enrolment meanwhile; look at it with "
                      "'countersign authenticator show'");
        row.progress = {};
        row.status = trouble ? Status::revoked : Status::active;
        if (trouble) row.ended = context.clock.read().now;
        Change change;
        change.events.push_back(event_about(context, caller,
                                            trouble ? "authenticator.revoke" : "enroll",
                                            owner_or_nobody(context, row), row));
        if (trouble) change.events.back().details.emplace_back("because", *trouble);
        change.writes.emplace_back(std::move(row));
        return Prepared<AuthenticatorId>{.change = std::move(change), .answer = id};
      },
      std::move(then));
}

}  // namespace

bool begun(const Authenticator& row) {
  const bool of_slots =
      row.kind == Kind::hmac || row.kind == Kind::yubico_otp || row.kind == Kind::hotp;
  return of_slots && row.status == Status::suspended && row.progress.detail == unfinished;
}

void prepare_slot(Context& context, PrepareSlot request, Then<PreparedSlot> then) {
  if (request.kind != Kind::hmac && request.kind != Kind::yubico_otp && request.kind != Kind::hotp)
    return then(fail(Code::invalid, "no slot holds that kind"));
  if (request.software && !context.rules.fido2.virtual_tokens)
    return then(fail(Code::not_permitted, "software tokens are for demo stores"));  // T50
  if (request.name.slot != 1 && request.name.slot != 2)
    return then(fail(Code::invalid, "a YubiKey has slots 1 and 2"));
  if (request.known && (request.kind != Kind::hmac || request.known->size() != hmac_key_size))
    return then(fail(Code::invalid, "an HMAC-SHA1 secret has 20 octets: 40 hexadecimal digits"));
  if (request.known && !request.programmed)
    return then(fail(Code::conflict, "slot " + std::to_string(request.name.slot) +
                                         " of this key is empty: the secret is not in it"));
  if (auto held = validate_label(request.label); !held) return then(std::unexpected(held.error()));
  auto shared = std::make_shared<const PrepareSlot>(std::move(request));
  apply<std::shared_ptr<PreparedSlot>>(
      context, [&context, shared] { return prepare(context, *shared); },
      [then = std::move(then)](Result<std::shared_ptr<PreparedSlot>> prepared) mutable {
        if (prepared)
          then(std::move(**prepared));
        else
          then(std::unexpected(std::move(prepared.error())));
      });
}

void activate_slot(Context& context, Caller caller, AuthenticatorId id,
                   Then<AuthenticatorId> then) {
  settle(context, std::move(caller), id, std::nullopt, std::move(then));
}

void give_up_slot(Context& context, Caller caller, AuthenticatorId id, std::string why,
                  Then<AuthenticatorId> then) {
  settle(context, std::move(caller), id, std::move(why), std::move(then));
}

void record_slot_deed(Context& context, SlotDeed deed, Then<SlotName> then) {
  apply<SlotName>(
      context,
      [&context, deed = std::move(deed)]() -> Result<Prepared<SlotName>> {
        if (!deed.user.empty())
          if (const auto record = user_named(context, deed.user); !record)
            return std::unexpected(record.error());
        Change change;
        audit::Event event = event_of(context, deed.caller, "slot." + deed.what);
        event.user = deed.user;
        event.details.emplace_back("serial", serial_of(deed.name));
        if (deed.force) event.details.emplace_back("force", "yes");
        change.events.push_back(std::move(event));
        return Prepared<SlotName>{.change = std::move(change), .answer = deed.name};
      },
      std::move(then));
}

}  // namespace countersign::engine
