// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/key_export.h"

#include "core/encoding/hex.h"
#include "core/encoding/modhex.h"
#include "core/engine/lookup.h"
#include "daemon/api/key_export.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/paging.h"

namespace countersign::routes {
namespace {

constexpr std::size_t aes_key_size = 16;

api::ExportedKey wire_of(const engine::ExportedKey& key) {
  const BytesView material = key.material.expose();
  return {.authenticator = to_text(key.id),
          .user = key.user,
          .serial = key.serial,
          .public_id = formats::modhex_encode(key.public_id),
          .private_id = formats::hex_encode_secret(material.subspan(aes_key_size)),
          .key = formats::hex_encode_secret(material.first(aes_key_size)),
          .created = key.created};
}

Result<engine::ExportKeys> wanted_by(Services& services, const http::Call& call,
                                     const api::WithFresh<api::KeyExport>& request) {
  engine::ExportKeys wanted{
      .caller = call.caller, .user = {}, .serial = request.serial, .after = {}};
  if (request.user) {
    const auto record = TRY(engine::user_named(services.context, *request.user));
    wanted.user = record->user.id;
  }
  const auto after = TRY(page_after<AuthenticatorId>(request.after));
  wanted.after = after;
  auto rests = TRY(rest_on(services, call,
                           {.deed = Deed::authenticator_export,
                            .subject = "yubico-otp",
                            .fresh = request.fresh,
                            .recovery = request.recovery}));
  wanted.rests_on = rests.text();
  return wanted;
}

}  // namespace

std::vector<http::Route> key_export_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::WithFresh<api::KeyExport>, api::ExportedKeys>(
      {.method = http::Method::post,
       .path = "/v1/exports/yubico-otp",
       .privilege = http::Privilege::admin,
       .where = http::Where::worker,
       .summary = "Secrets of YubiKeys that type one-time passwords, for another server to know; "
                  "each is recorded with who asked",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call& call, const api::WithFresh<api::KeyExport>& request,
                             auto then) {
         auto wanted = wanted_by(services, call, request);
         if (!wanted) return then(std::unexpected(wanted.error()));
         engine::export_yubico_otp(
             services.context, std::move(*wanted),
             [then = std::move(then)](Result<engine::ExportedKeys> all) mutable {
               if (!all) return then(std::unexpected(all.error()));
               api::ExportedKeys out;
               for (const engine::ExportedKey& key : all->keys) out.keys.push_back(wire_of(key));
               if (all->next) out.next = to_text(*all->next);
               then(std::move(out));
             });
       }}));
  return rows;
}

}  // namespace countersign::routes
