// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/key_export.h"

#include <memory>

#include "core/engine/apply.h"
#include "core/engine/enrollment/slots.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/otp_elsewhere.h"

namespace countersign::engine {
namespace {

using Keys = std::shared_ptr<ExportedKeys>;

bool leaves(const Authenticator& row) {
  return row.status != Status::revoked && !begun(row) && !validated_elsewhere(row);
}

audit::Event event_about(Context& context, const ExportKeys& request, const ExportedKey& key) {
  audit::Event event = event_of(context, request.caller, "authenticator.secret-exported");
  event.user = key.user;
  event.authenticator = to_text(key.id);
  event.details = {{"kind", std::string(to_name(Kind::yubico_otp))},
                   {"serial", key.serial},
                   {"rests_on", request.rests_on}};
  return event;
}

Result<Prepared<Keys>> prepare(Context& context, const ExportKeys& request) {
  const auto rows = TRY(context.store.authenticators({.after = request.after,
                                                      .limit = longest_export,
                                                      .user = request.user,
                                                      .kind = Kind::yubico_otp,
                                                      .serial = request.serial}));
  auto all = std::make_shared<ExportedKeys>();
  if (rows.size() == longest_export) all->next = rows.back().id;
  Change change;
  for (const Authenticator& row : rows) {
    if (!leaves(row)) continue;
    auto owner = TRY(owner_name(context, row));
    auto material =
        TRY(context.vault.open(crypto::Purpose::authenticator, to_text(row.id), row.material));
    all->keys.push_back({.id = row.id,
                         .user = std::move(owner),
                         .serial = row.serial,
                         .public_id = row.handle,
                         .material = std::move(material),
                         .created = row.created});
    change.events.push_back(event_about(context, request, all->keys.back()));
  }
  return Prepared<Keys>{.change = std::move(change), .answer = std::move(all)};
}

}  // namespace

void export_yubico_otp(Context& context, ExportKeys request, Then<ExportedKeys> then) {
  apply<Keys>(
      context, [&context, request = std::move(request)] { return prepare(context, request); },
      [then = std::move(then)](Result<Keys> done) mutable {
        if (!done) return then(std::unexpected(done.error()));
        then(std::move(**done));
      });
}

}  // namespace countersign::engine
