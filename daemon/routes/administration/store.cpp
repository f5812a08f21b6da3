// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/hex.h"
#include "core/engine/administration/upkeep.h"
#include "core/engine/grounds/bootstrap.h"
#include "daemon/api/problem.h"
#include "daemon/api/status.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

std::string_view name_of(ClockState state) {
  switch (state) {
    case ClockState::good:
      return "good";
    case ClockState::behind:
      return "behind";
    case ClockState::ahead:
      return "ahead";
  }
  std::unreachable();
}

Result<api::StatusView> status(Services& services, const http::Call& call) {
  const auto head = TRY(services.context.store.head());
  const auto bootstrap = TRY(engine::bootstrap_over(services.context));
  const ClockReading reading = services.context.clock.read();
  std::optional<std::vector<std::string>> by_case;
  if (call.standing.admin) {
    auto names = TRY(services.context.store.names_by_case());
    if (!names.empty()) by_case = std::move(names);
  }
  return api::StatusView{.version = services.version,
                         .store = services.demo ? "demo" : "production",
                         .state = services.context.store.restored() ? "restored" : "ready",
                         .clock = std::string(name_of(reading.state)),
                         .rp_id = services.context.rules.fido2.rp.id,
                         .origins = services.context.rules.fido2.rp.origins,
                         .audit_key = formats::hex_encode(services.signer.public_key()),
                         .names_by_case = std::move(by_case),
                         .audit_events = head.sequence,
                         .audit_head = formats::hex_encode(head.hash),
                         .time = reading.now,
                         .bootstrap = bootstrap ? "closed" : "open"};
}

}  // namespace

std::vector<http::Route> store_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::StatusView>(
      {.method = Method::get,
       .path = "/v1/status",
       .privilege = Privilege::anyone,
       .summary = "Whether the daemon is ready, and where its record ends",
       .failures = {},
       .handle = [&services](const http::Call& call, api::Nothing, auto then) {
         then(status(services, call));
       }}));
  rows.push_back(http::make_route<api::Nothing, api::KeyRotation>(
      {.method = Method::post,
       .path = "/v1/keys/rotate",
       .privilege = Privilege::admin,
       .summary = "Makes a new data key and re-seals everything under it in the background",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::Nothing, auto then) {
         engine::rotate_data_key(
             services.context, call.caller,
             [&services, then = std::move(then)](Result<crypto::DataKeyId> key) mutable {
               if (!key) return then(std::unexpected(key.error()));
               services.start_reseal();
               then(api::KeyRotation{.data_key = *key});
             });
       }}));
  rows.push_back(http::make_route<api::Nothing, api::StoreResync>(
      {.method = Method::post,
       .path = "/v1/store/resync",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Accepts store and clock as they are, after an old copy was put back or the "
                  "clock was wrong",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::Nothing, auto then) {
         engine::resync_store(services.context, call.caller,
                              [then = std::move(then)](Result<int> suspended) mutable {
                                if (suspended)
                                  then(api::StoreResync{.suspended = *suspended});
                                else
                                  then(std::unexpected(suspended.error()));
                              });
       }}));
  return rows;
}

std::vector<http::Route> demo_routes(Services& services) {
  std::vector<http::Route> rows;
  if (services.clock == nullptr) return rows;
  rows.push_back(http::make_route<api::ClockMove, api::StatusView>(
      {.method = Method::put,
       .path = "/v1/demo/clock",
       .privilege = Privilege::admin,
       .summary = "Moves the clock (demo stores only): advance lets time pass, step makes the wall "
                  "clock jump",
       .failures = {},
       .handle = [&services](const http::Call& call, const api::ClockMove& move, auto then) {
         constexpr std::int64_t most = 20LL * 366 * 86'400;
         const auto in_range = [](const std::optional<std::int64_t>& by) {
           return !by || (*by >= -most && *by <= most);
         };
         if (!in_range(move.advance) || !in_range(move.step) || move.advance.value_or(0) < 0)
           return then(fail(Code::invalid, "time passes forward, and moves by 20 years at most"));
         if (move.advance) services.clock->advance(std::chrono::seconds(*move.advance));
         if (move.step) services.clock->step(std::chrono::seconds(*move.step));
         then(status(services, call));
       }}));
  return rows;
}

}  // namespace countersign::routes
