// SPDX-License-Identifier: Apache-2.0
#include "daemon/wsapi/validation.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <memory>

#include "core/crypto/hash.h"
#include "core/crypto/hmac.h"
#include "core/encoding/base64.h"
#include "core/engine/administration/validation_clients.h"
#include "core/engine/verification/yubico_otp.h"
#include "core/factors/typed_code.h"

namespace countersign::wsapi {
namespace {

using formats::wsapi::Parameters;
using formats::wsapi::value_of;

constexpr std::uint32_t nobody = 0xFFFFFFFFU;  // who comes over TCP has no uid

struct Query {
  Parameters parameters;
  std::optional<engine::ValidationClient> client;
};

std::string signature(const engine::ValidationClient& client, const Parameters& parameters) {
  crypto::Hmac mac(HashAlgorithm::sha1, client.key.expose());
  const crypto::Hmac::Tag tag = mac.of(as_bytes(formats::wsapi::signed_text(parameters)));
  return std::string(formats::base64_encode(tag.view()).expose_text());
}

std::string answer(engine::Context& context, const Query& query, std::string_view status,
                   const engine::OtpVerdict* said = nullptr) {
  Parameters out{{"t", formats::wsapi::time_text(unix_ms(context.clock.read().now))}};
  for (const char* name : {"otp", "nonce"})
    if (const std::string* value = value_of(query.parameters, name)) out.emplace_back(name, *value);
  if (status == "OK") {
    out.emplace_back("sl", "100");  // there is one store, and it has it
    if (const std::string* wanted = value_of(query.parameters, "timestamp");
        said != nullptr && wanted != nullptr && *wanted == "1") {
      out.emplace_back("timestamp", std::to_string(said->moment.timestamp));
      out.emplace_back("sessioncounter", std::to_string(said->moment.usage));
      out.emplace_back("sessionuse", std::to_string(said->moment.session));
    }
  }
  out.emplace_back("status", status);
  if (query.client) out.emplace(out.begin(), "h", signature(*query.client, out));
  return formats::wsapi::answer_text(out);
}

// Echoed only when they are what they should be: nothing else of a stranger's goes into an answer
// that is signed.
void drop_malformed(Parameters& parameters) {
  std::erase_if(parameters, [](const auto& each) {
    const auto& [name, value] = each;
    return (name == "otp" && yubico_otp::readings(value).empty()) ||
           (name == "nonce" && !formats::wsapi::is_nonce(value));
  });
}

bool signed_rightly(const engine::ValidationClient& client, const Parameters& parameters,
                    const std::string& claimed) {
  return equal_constant_time(as_bytes(signature(client, parameters)), as_bytes(claimed));
}

std::uint32_t tag_of(std::string_view nonce) {
  const auto digest = crypto::sha256(as_bytes(nonce));
  std::uint32_t tag = 0;
  std::memcpy(&tag, digest.data(), sizeof tag);
  return tag;
}

std::string_view status_of(const engine::OtpVerdict& said, std::uint32_t tag) {
  if (said.verdict.verified()) return "OK";
  const Reason reason = said.verdict.reason();
  if (reason == Reason::used_code)
    return said.tag_before == tag ? "REPLAYED_REQUEST" : "REPLAYED_OTP";
  return reason == Reason::unavailable || reason == Reason::restored_store ? "BACKEND_ERROR"
                                                                           : "BAD_OTP";
}

// What is wrong with the query itself; empty: nothing.
Result<std::string_view> obstacle(engine::Context& context, Query& query) {
  const std::string* id = value_of(query.parameters, "id");
  std::int64_t number = 0;
  if (id == nullptr) return "MISSING_PARAMETER";
  const auto [end, error] = std::from_chars(id->data(), id->data() + id->size(), number);
  if (error != std::errc() || end != id->data() + id->size() || number < 1) return "NO_SUCH_CLIENT";
  auto client = engine::validation_client(context, number);
  if (!client && client.error().code == Code::not_found) return "NO_SUCH_CLIENT";
  if (!client) return std::unexpected(client.error());
  query.client = std::move(*client);
  if (const std::string* claimed = value_of(query.parameters, "h");
      claimed != nullptr && !signed_rightly(*query.client, query.parameters, *claimed))
    return "BAD_SIGNATURE";
  if (query.client->revoked) return "OPERATION_NOT_ALLOWED";
  const std::string *otp = value_of(query.parameters, "otp"),
                    *nonce = value_of(query.parameters, "nonce");
  if (otp == nullptr || nonce == nullptr || !formats::wsapi::is_nonce(*nonce))
    return "MISSING_PARAMETER";
  if (yubico_otp::readings(*otp).empty()) return "BAD_OTP";
  return std::string_view();
}

}  // namespace

void validate(engine::Context& context, Parameters parameters,
              std::move_only_function<void(std::string)> then) {
  auto query = std::make_shared<Query>(Query{.parameters = std::move(parameters), .client = {}});
  const auto wrong = obstacle(context, *query);
  drop_malformed(query->parameters);
  if (!wrong) return then(answer(context, *query, "BACKEND_ERROR"));
  if (!wrong->empty()) return then(answer(context, *query, *wrong));
  const std::uint32_t tag = tag_of(*value_of(query->parameters, "nonce"));
  Caller caller{.uid = nobody, .pid = 0, .service = fmt::format("wsapi:{}", query->client->number)};
  engine::verify_otp(
      context,
      {.caller = std::move(caller),
       .user = {},
       .typed = Secret(*value_of(query->parameters, "otp")),
       .tag = tag},
      [&context, query, tag, then = std::move(then)](const engine::OtpVerdict& said) mutable {
        then(answer(context, *query, status_of(said, tag), &said));
      });
}

std::vector<http::Route> routes(engine::Context& context) {
  http::Route row;
  row.method = http::Method::get;
  row.path = "/wsapi/2.0/verify";
  row.privilege = http::Privilege::anyone;
  row.statuses = {200};
  row.handle = [&context](const http::RawCall& call, http::Respond respond) {
    validate(context, call.texts, [respond = std::move(respond)](std::string text) mutable {
      respond({.status = 200, .body = std::move(text), .media = http::Media::text});
    });
  };
  std::vector<http::Route> rows;
  rows.push_back(std::move(row));
  return rows;
}

}  // namespace countersign::wsapi
