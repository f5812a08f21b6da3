// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/imports.h"

#include "core/encoding/base32.h"
#include "core/encoding/modhex.h"
#include "daemon/api/imports.h"
#include "daemon/api/problem.h"
#include "daemon/api/users.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

Result<ImportId> import_id(const std::string& text) {
  const auto id = id_from_text(text);
  if (!id) return fail(Code::not_found, "there is no such import");
  return ImportId{*id};
}

// A row that can't even be read is refused like one that may not be taken.
engine::ImportTokens tokens_of(api::ImportRows request, const Caller& caller, ImportId id,
                               std::vector<engine::RowRefused>& unreadable,
                               std::vector<std::size_t>& index) {
  engine::ImportTokens wanted{.caller = caller, .import = id};
  for (std::size_t row = 0; row < request.rows.size(); ++row) {
    api::ImportRow& in = request.rows[row];
    Result<Secret> secret = formats::base32_decode(in.secret.expose_text());
    if (!secret) {
      unreadable.push_back({row, secret.error().what});
      continue;
    }
    const auto handle = formats::modhex_decode(in.public_id.value_or(""));
    if (!handle) {
      unreadable.push_back({row, "the public id is not in modhex"});
      continue;
    }
    OathParameters oath;
    oath.algorithm = in.algorithm.value_or(oath.algorithm);
    oath.digits = in.digits.value_or(oath.digits);
    oath.period = in.period.value_or(oath.period);
    oath.epoch = in.epoch.value_or(oath.epoch);
    index.push_back(row);
    wanted.tokens.push_back({.user = std::move(in.user).value_or(""),
                             .serial = std::move(in.serial).value_or(""),
                             .label = std::move(in.label).value_or(""),
                             .kind = in.kind,
                             .handle = *handle,
                             .oath = oath,
                             .counter = in.counter.value_or(0),
                             .drift = in.drift.value_or(0),
                             .secret = std::move(*secret)});
  }
  return wanted;
}

}  // namespace

std::vector<http::Route> import_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::ImportRef>(
      {.method = Method::post,
       .path = "/v1/imports",
       .privilege = Privilege::admin,
       .summary = "Begins an import of tokens; nothing of it counts before it is completed",
       .failures = {},
       .handle = [&services](const http::Call& call, api::Nothing, auto then) {
         engine::begin_import(services.context, call.caller,
                              [then = std::move(then)](Result<ImportId> id) mutable {
                                if (id)
                                  then(api::ImportRef{.id = to_text(*id)});
                                else
                                  then(std::unexpected(id.error()));
                              });
       }}));
  rows.push_back(http::make_route<api::ImportRows, api::BatchResult>(
      {.method = Method::post,
       .path = "/v1/imports/{id}/rows",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Adds rows to an import; refused ones are named and left out",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::ImportRows request, auto then) {
         const Result<ImportId> id = import_id(request.id);
         if (!id) return then(std::unexpected(id.error()));
         std::vector<engine::RowRefused> unreadable;
         std::vector<std::size_t> index;
         engine::ImportTokens wanted =
             tokens_of(std::move(request), call.caller, *id, unreadable, index);
         engine::import_tokens(
             services.context, std::move(wanted),
             [unreadable = std::move(unreadable), index = std::move(index),
              then = std::move(then)](Result<engine::ImportedBatch> batch) mutable {
               if (!batch) return then(std::unexpected(batch.error()));
               api::BatchResult result{.accepted = batch->accepted, .refused = {}};
               for (auto& row : unreadable)
                 result.refused.push_back({row.row, std::move(row.reason)});
               for (auto& row : batch->refused)
                 result.refused.push_back({index[row.row], std::move(row.reason)});
               then(std::move(result));
             });
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::ImportFinish>, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/imports/{id}/finish",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Completes an import, or drops it",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::ImportFinish> request,
                             auto then) {
         const Result<ImportId> id = import_id(request.id);
         if (!id) return then(std::unexpected(id.error()));
         engine::FinishImport wanted{
             .caller = call.caller, .import = *id, .complete = request.complete};
         if (request.complete) {
           Result<ChangeParts> parts = engine::import_parts(services.context, *id);
           if (!parts) return then(std::unexpected(parts.error()));
           wanted.parts = std::move(*parts);
           Result<Basis> basis = rest_on(services, call,
                                         {.deed = Deed::import_tokens,
                                          .parts = wanted.parts,
                                          .fresh = std::move(request.fresh),
                                          .recovery = request.recovery});
           if (!basis) return then(std::unexpected(basis.error()));
           wanted.basis = std::move(*basis);
         }
         engine::finish_import(services.context, std::move(wanted),
                               answer_nothing(std::move(then)));
       }}));
  return rows;
}

}  // namespace countersign::routes
