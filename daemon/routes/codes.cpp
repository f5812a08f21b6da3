// SPDX-License-Identifier: Apache-2.0
// Codes by SMS and e-mail, asked for by a verifier or by the person.
#include "daemon/api/codes.h"

#include "daemon/ceremonies/sending.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {

using http::Method;
using http::Privilege;

std::vector<http::Route> code_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::SendCodeRequest, api::SentCode>(
      {.method = Method::post,
       .path = "/v1/codes",
       .privilege = Privilege::verify,
       .summary =
           "Sends a code to the user's phone or e-mail address; the one sent before it expires",
       .failures = {Code::not_found, Code::exhausted, Code::unavailable, Code::timed_out},
       .subject = [](const api::SendCodeRequest& request) { return request.user; },
       .service = [](const api::SendCodeRequest& request) { return request.service.value_or(""); },
       .handle =
           [&services](const http::Call& call, api::SendCodeRequest request, auto then) {
             send_code(services,
                       {.caller = call.caller,
                        .user = std::move(request.user),
                        .kind = request.kind,
                        .bound_to = {},
                        .digits = {}},
                       [then = std::move(then)](Result<SentTo> sent) mutable {
                         if (!sent) return then(std::unexpected(sent.error()));
                         then(sent_code_of(std::move(*sent)));
                       });
           }}));
  return rows;
}

}  // namespace countersign::routes
