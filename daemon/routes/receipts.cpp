// SPDX-License-Identifier: Apache-2.0
// What receipts are signed with, and the door where a web server shows one (nginx auth_request,
// Caddy forward_auth).
#include "core/receipt.h"

#include "core/encoding/base64url.h"
#include "core/encoding/percent.h"
#include "core/engine/sign_in_shared.h"
#include "daemon/api/problem.h"
#include "daemon/api/sign_in.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

Result<api::AuthResult> judge(Services& services, std::string_view authorization,
                              const api::AuthQuery& query) {
  constexpr std::string_view scheme = "Bearer ";
  if (query.audience.value_or("").empty())
    return fail(Code::not_permitted,
                "the audience is missing: the web server has to ask /v1/auth?audience=NAME");
  if (!authorization.starts_with(scheme))
    return fail(Code::not_permitted, "there is no receipt: Authorization: Bearer RECEIPT");
  const engine::SignInShared& shared = services.context.sign_ins;
  if (!shared.receipt_key) return fail(Code::unavailable, "receipts are not ready");
  const Result<Receipt> receipt =
      judge_receipt(authorization.substr(scheme.size()), shared.receipt_key->public_key(),
                    shared.receipt_key_id, services.context.clock.read().now);
  if (!receipt) return std::unexpected(receipt.error());
  if (receipt->decision != "allow") return fail(Code::not_permitted, "the receipt is not valid");
  if (*query.audience != receipt->audience)
    return fail(Code::not_permitted, "the receipt is for another audience");
  if (query.service && *query.service != receipt->service)
    return fail(Code::not_permitted, "the receipt is for another service");
  const auto record = services.context.store.user_by_name(receipt->subject);
  if (!record && record.error().code != Code::not_found) return std::unexpected(record.error());
  if (record && (*record)->user.suspended)
    return fail(Code::not_permitted, "the user is suspended");
  return api::AuthResult{.user = receipt->subject,
                         .audience = receipt->audience,
                         .service = receipt->service,
                         .decision = receipt->decision,
                         .because = receipt->because,
                         .amr = receipt->amr,
                         .aal = receipt->aal,
                         .expires = receipt->expires};
}

// As an application is told them by a web server, which copies headers and reads no JSON. Each is
// always there and never empty, so that none that a browser sent takes its place.
std::vector<std::pair<std::string, std::string>> headers_of(const api::AuthResult& result) {
  const auto safe = [](std::string_view text) {
    std::string out;
    formats::append_percent_encoded(out, text);
    return out;
  };
  std::string methods;
  for (const std::string& each : result.amr) methods += (methods.empty() ? "" : " ") + safe(each);
  return {{"X-Countersign-User", safe(result.user)},
          {"X-Countersign-Audience", safe(result.audience)},
          {"X-Countersign-Service", safe(result.service)},
          {"X-Countersign-Because", safe(result.because)},
          {"X-Countersign-AAL", std::to_string(result.aal)},
          {"X-Countersign-Method", methods.empty() ? "none" : methods}};
}

}  // namespace

std::vector<http::Route> receipt_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::JwkSet>(
      {.method = Method::get,
       .path = "/v1/jwks",
       .privilege = Privilege::anyone,
       .summary = "The public key that receipts are signed with (RFC 7517)",
       .failures = {},
       .handle = [&services](const http::Call&, const api::Nothing&, auto then) {
         const engine::SignInShared& shared = services.context.sign_ins;
         if (!shared.receipt_key) return then(fail(Code::unavailable, "receipts are not ready"));
         const crypto::EcPoint point =
             shared.receipt_key->public_key().point().value_or(crypto::EcPoint{});
         api::JwkSet set;
         set.keys.push_back({.kid = shared.receipt_key_id,
                             .x = formats::base64url(point.x),
                             .y = formats::base64url(point.y)});
         then(std::move(set));
       }}));
  http::Route auth = http::make_route<api::AuthQuery, api::AuthResult>(
      {.method = Method::get,
       .path = "/v1/auth",
       .privilege = Privilege::anyone,  // whoever has a receipt
       .summary = "Judges the receipt in Authorization: Bearer for the named audience: 200 with "
                  "X-Countersign-User, -Audience, -Service, -Because, -AAL and -Method, or 401",
       .failures = {},
       .handle = {}});
  auth.statuses.push_back(401);
  auth.handle = [&services](const http::RawCall& raw, http::Respond respond) {
    const auto query = api::decode<api::AuthQuery>(raw.body, raw.texts);
    if (!query) return respond(http::problem(query.error()));
    const auto judged = judge(services, raw.authorization, *query);
    if (judged)
      return respond({.status = 200, .body = api::encode(*judged), .headers = headers_of(*judged)});
    if (judged.error().code != Code::not_permitted) return respond(http::problem(judged.error()));
    const api::Problem body{.title = "Unauthorized",
                            .status = 401,
                            .detail = judged.error().what,
                            .code = "not_permitted"};
    respond({.status = 401, .body = api::encode(body), .media = http::Media::problem});
  };
  rows.push_back(std::move(auth));
  return rows;
}

}  // namespace countersign::routes
