// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/sms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "core/base/text.h"
#include "core/encoding/base64.h"
#include "daemon/couriers/message_file.h"
#include "daemon/couriers/template.h"

namespace countersign::couriers {
namespace {

Into into(Escape escape) {
  switch (escape) {
    case Escape::none:
      return Into::text;
    case Escape::form:
      return Into::form;
    case Escape::json:
      return Into::json;
    case Escape::xml:
      return Into::xml;
  }
  std::unreachable();
}

Result<void> send_by(const ReadyGateway& gateway, const Message& message, const Deadline& deadline,
                     const std::atomic<bool>* stop) {
  if (!gateway.settings.file.empty()) return append_to_file(gateway.settings.file, message);
  HttpRequest request = TRY(request_for(gateway, message));
  request.stop = stop;
  const Deadline own =
      Deadline::in(std::min(deadline.left(), std::chrono::milliseconds(gateway.settings.timeout)));
  const HttpAnswer answer = TRY(exchange(request, own));
  return judge(gateway.settings, answer);
}

}  // namespace

const std::vector<std::string_view>& gateway_placeholders() {
  static const std::vector<std::string_view> all = {
      "to", "to_digits", "from", "text", "username", "password", "basic", "coding", "type"};
  return all;
}

Result<HttpRequest> request_for(const ReadyGateway& gateway, const Message& message) {
  const Gateway& settings = gateway.settings;
  std::string pair = settings.username + ':' + std::string(gateway.password.expose_text());
  const Secret basic = formats::base64_encode(as_bytes(pair));
  wipe(pair);
  // Letters beyond ASCII more than halve how many fit into one SMS (3GPP TS 23.038): said only
  // where it is so.
  const bool ascii = std::ranges::all_of(message.text.expose(), [](Byte c) { return c < 0x80; });
  const Values values = {
      {"to", message.to},
      {"to_digits", std::string_view(message.to).substr(message.to.starts_with('+') ? 1 : 0)},
      {"from", settings.from},
      {"text", message.text.expose_text()},
      {"username", settings.username},
      {"password", gateway.password.expose_text()},
      {"basic", basic.expose_text()},
      {"coding", ascii ? "0" : "2"},
      {"type", ascii ? "text" : "unicode"}};
  HttpRequest request{
      .method = settings.method, .url = {}, .body = {}, .ca_file = settings.ca_file};
  Result<Secret> url = fill(settings.url, values, Into::url);
  Result<Secret> body = fill(settings.body, values, into(settings.escape));
  if (!url) return std::unexpected(url.error());
  if (!body) return std::unexpected(body.error());
  request.url = std::move(*url);
  request.body = std::move(*body);
  for (const std::string& line : settings.headers) {
    Secret header = TRY(fill(line, values, Into::line));
    request.headers.push_back(std::move(header));
  }
  return request;
}

Result<void> judge(const Gateway& gateway, const HttpAnswer& answer) {
  if (std::ranges::find(gateway.success_status, answer.status) == gateway.success_status.end())
    return fail(Code::unavailable, fmt::format("it refused ({})", answer.status));
  const auto stands = [&](const std::string& text) { return answer.body.contains(text); };
  if (gateway.success_text.empty() || std::ranges::any_of(gateway.success_text, stands)) return {};
  return fail(Code::unavailable, "it did not take the message");
}

Result<void> send_sms(const std::vector<ReadyGateway>& gateways, const Message& message,
                      const Deadline& deadline, const std::atomic<bool>* stop) {
  Error last{Code::not_permitted, "no SMS gateway is configured"};
  for (const ReadyGateway& gateway : gateways) {
    if (deadline.passed()) break;
    const Result<void> sent = send_by(gateway, message, deadline, stop);
    if (sent) return {};
    last = sent.error();
    // Who it was for, and what it said, stays out of the journal.
    fmt::print(stderr, "countersignd: SMS gateway {}: {}\n", escape_text(gateway.settings.name),
               escape_text(last.what));
    last.what = fmt::format(
        "the SMS could not be sent: gateway {}: {}. Use another authenticator, or try again later",
        escape_text(gateway.settings.name), last.what);
  }
  return std::unexpected(last);
}

}  // namespace countersign::couriers
