// SPDX-License-Identifier: Apache-2.0
// bench-echo SOCKET: the daemon's own HTTP stack with one route that does nothing: same request, same answer in shape
// as a verification's.
#include <unistd.h>

#include "daemon/api/types.h"
#include "daemon/http/loop.h"
#include "daemon/http/router.h"
#include "daemon/http/server.h"
#include "daemon/listen.h"
#include "tests/fakes/memory_store.h"


using namespace countersign;

int main(int, char** argv) {
  http::Loop loop(1);
  fakes::MemoryStore store;
  std::vector<http::Route> routes;
  routes.push_back(http::make_route<api::VerifyRequest, api::VerifyResult>(
      {.method = http::Method::post,
       .path = "/v1/verifications",
       .privilege = http::Privilege::verify,
       .failures = {},
       .handle = [](const http::Call&, api::VerifyRequest request, auto then) {
         then(api::VerifyResult{.verdict = "verified", .reason = "", .user = std::move(request.user).value_or(""), .authenticator = "0123456789abc", .kind = Kind::totp,
                                .amr = {"otp"}, .aal = 1, .retry_at = {}});
       }}));
  const http::Router router(std::move(routes));
  const http::Doorkeeper doorkeeper(store, {.own_uid = geteuid(), .admin_group = {}, .verifiers = {}});
  http::Server server(loop, router, doorkeeper, {});
  auto listening = listen_at(argv[1]);
  if (!listening) return 1;
  server.listen(listening->release());
  loop.run();
}
