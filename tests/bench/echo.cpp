// SPDX-License-Identifier: Apache-2.0
// bench-echo SOCKET [ADDRESS:PORT]: the daemon's own HTTP stack with routes that do nothing: same
// request, same answer in shape as a verification's, and as the validation protocol's.
#include <unistd.h>

#include "daemon/api/verification.h"
#include "daemon/http/listen.h"
#include "daemon/http/loop.h"
#include "daemon/http/router.h"
#include "daemon/http/server.h"
#include "tests/fakes/memory_store.h"

using namespace countersign;

namespace {

http::Route validation() {
  http::Route row;
  row.method = http::Method::get;
  row.path = "/wsapi/2.0/verify";
  row.privilege = http::Privilege::anyone;
  row.statuses = {200};
  row.handle = [](const http::RawCall&, http::Respond respond) {
    respond({.status = 200,
             .body = "h=MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\r\nt=2026-01-01T00:00:00Z0000\r\notp="
                     "vvccccidlvjtvvccccidlvjtvvccccidlvjtvvccccid\r\nnonce=0123456789abcdef\r\nsl="
                     "100\r\nstatus=OK\r\n\r\n",
             .media = http::Media::text});
  };
  return row;
}

}  // namespace

int main(int argc, char** argv) {
  http::Loop loop(1);
  fakes::MemoryStore store;
  std::vector<http::Route> routes;
  routes.push_back(http::make_route<api::VerifyRequest, api::VerifyResult>(
      {.method = http::Method::post,
       .path = "/v1/verifications",
       .privilege = http::Privilege::verify,
       .failures = {},
       .handle = [](const http::Call&, api::VerifyRequest request, auto then) {
         then(api::VerifyResult{.verdict = "verified",
                                .reason = "",
                                .user = std::move(request.user).value_or(""),
                                .authenticator = "0123456789abc",
                                .kind = Kind::totp,
                                .amr = {"otp"},
                                .aal = 1});
       }}));
  routes.push_back(validation());
  const http::Router router(std::move(routes));
  const http::Doorkeeper doorkeeper(store,
                                    {.own_uid = geteuid(), .admin_group = {}, .verifiers = {}});
  http::Server server(loop, router, doorkeeper, {});
  auto listening = listen_at(argv[1]);
  if (!listening) return 1;
  server.listen(listening->release());
  if (argc > 2) {
    auto also = listen_tcp(argv[2]);
    if (!also) return 1;
    server.listen_tcp(also->socket.release(), also->version_6);
  }
  loop.run();
}
