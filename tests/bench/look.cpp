// SPDX-License-Identifier: Apache-2.0
// bench-look SOCKET STATE: the daemon's own HTTP stack with one route that does what follows a
// machine's proof (P4); request and answer in shape as bench-echo's.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "core/machine/fingerprint.h"
#include "core/machine/match.h"
#include "daemon/api/verification.h"
#include "daemon/http/listen.h"
#include "daemon/http/loop.h"
#include "daemon/http/router.h"
#include "daemon/http/server.h"
#include "daemon/store/sqlite_store.h"
#include "tests/bench/machines.h"
#include "tests/fakes/memory_store.h"

using namespace countersign;

namespace {

// The code is the machine's number.
bool recognized(Store& store, const std::string& user, std::string_view number) {
  std::int64_t i = 0;
  std::from_chars(number.data(), number.data() + number.size(), i);
  const auto record = store.user_by_name(user);
  const auto machine = store.machine_by_handle(bench::machine_handle(i));
  if (!record || !machine) return false;
  const auto baseline = machine::decode_fingerprint(machine->digests);
  const auto now =
      machine::decode_fingerprint(machine->digests);  // what the host sent, in its place
  if (!baseline || !now) return false;
  const machine::Match match = machine::compare(*baseline, *now);
  const Time moment = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  return state_of(*machine, match.recognized, bench::machine_policy(), (*record)->user, Time{},
                  moment) == MachineState::recognized;
}

}  // namespace

int main(int, char** argv) {
  http::Loop loop(1);
  fakes::MemoryStore store;
  const auto full = SqliteStore::open({.folder = argv[2]});
  if (!full) return fmt::print(stderr, "bench-look: {}\n", full.error().what), 1;
  std::vector<http::Route> routes;
  routes.push_back(http::make_route<api::VerifyRequest, api::VerifyResult>(
      {.method = http::Method::post,
       .path = "/v1/verifications",
       .privilege = http::Privilege::verify,
       .failures = {},
       .handle = [&full](const http::Call&, api::VerifyRequest request, auto then) {
         const bool good =
             recognized(**full, request.user.value_or(""), request.code.expose_text());
         then(api::VerifyResult{.verdict = good ? "verified" : "denied",
                                .reason = "",
                                .user = std::move(request.user).value_or(""),
                                .authenticator = "0123456789abc",
                                .kind = Kind::totp,
                                .amr = {"otp"},
                                .aal = 1});
       }}));
  const http::Router router(std::move(routes));
  const http::Doorkeeper doorkeeper(store,
                                    {.own_uid = geteuid(), .admin_group = {}, .verifiers = {}});
  http::Server server(loop, router, doorkeeper, {});
  auto listening = listen_at(argv[1]);
  if (!listening) return 1;
  server.listen(listening->release());
  loop.run();
}
