// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/presets.h"

#include <algorithm>
#include <array>

namespace countersign::couriers {
namespace {

struct Preset {
  std::string_view name, method, url, content_type, authorization, body;
  Escape escape;
  std::vector<int> status;
  std::vector<std::string> text;
};

// From the makers' public API references.
const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      // Kannel user guide, "Using HTTP to send SMS": 202 says that bearerbox has it; the text
      // begins with 0 (accepted) or 3 (queued).
      {"kannel",
       "GET",
       "http://127.0.0.1:13013/cgi-bin/"
       "sendsms?username={username}&password={password}&from={from}&to={to}&coding={coding}&"
       "charset=UTF-8&text={text}",
       "",
       "",
       "",
       Escape::none,
       {202},
       {"0:", "3:"}},
      {"twilio",
       "POST",
       "https://api.twilio.com/2010-04-01/Accounts/{username}/Messages.json",
       "application/x-www-form-urlencoded",
       "Basic {basic}",
       "To={to}&From={from}&Body={text}",
       Escape::form,
       {201},
       {}},
      // 200 in any case: each message has a status of its own, "0" for taken.
      {"vonage",
       "POST",
       "https://rest.nexmo.com/sms/json",
       "application/x-www-form-urlencoded",
       "",
       "api_key={username}&api_secret={password}&to={to_digits}&from={from}&type={type}&text={"
       "text}",
       Escape::form,
       {200},
       {"\"status\":\"0\"", "\"status\": \"0\""}},
      {"messagebird",
       "POST",
       "https://rest.messagebird.com/messages",
       "application/x-www-form-urlencoded",
       "AccessKey {password}",
       "recipients={to_digits}&originator={from}&datacoding=auto&body={text}",
       Escape::form,
       {201},
       {}},
      {"clickatell",
       "POST",
       "https://platform.clickatell.com/v1/message",
       "application/json",
       "{password}",
       R"({"messages":[{"channel":"sms","to":"{to_digits}","content":"{text}"}]})",
       Escape::json,
       {200, 202},
       {"\"accepted\":true", "\"accepted\": true"}},
      {"sinch",
       "POST",
       "https://eu.sms.api.sinch.com/xms/v1/{username}/batches",
       "application/json",
       "Bearer {password}",
       R"({"from":"{from}","to":["{to_digits}"],"body":"{text}"})",
       Escape::json,
       {201},
       {}},
      // The address is the account's own: url =
      // "https://xxxxx.api.infobip.com/sms/2/text/advanced".
      {"infobip",
       "POST",
       "",
       "application/json",
       "App {password}",
       R"({"messages":[{"from":"{from}","destinations":[{"to":"{to_digits}"}],"text":"{text}"}]})",
       Escape::json,
       {200},
       {"PENDING", "ACCEPTED"}},
  };
  return all;
}

}  // namespace

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  return names;
}

Result<void> apply_preset(Gateway& gateway) {
  if (gateway.preset.empty()) return {};
  const auto found = std::ranges::find(presets(), gateway.preset, &Preset::name);
  if (found == presets().end()) {
    std::string all;
    for (const std::string_view name : preset_names())
      all += (all.empty() ? "" : ", ") + std::string(name);
    return fail(Code::invalid, "is not a known preset: " + all);
  }
  gateway.method = found->method;
  gateway.url = found->url;
  if (!found->content_type.empty())
    gateway.headers.push_back("Content-Type: " + std::string(found->content_type));
  if (!found->authorization.empty())
    gateway.headers.push_back("Authorization: " + std::string(found->authorization));
  gateway.body = found->body;
  gateway.escape = found->escape;
  gateway.success_status = found->status;
  gateway.success_text = found->text;
  return {};
}

void complete_url(Gateway& gateway) {
  const auto found = std::ranges::find(presets(), gateway.preset, &Preset::name);
  if (found == presets().end() || gateway.url.contains('?')) return;
  if (const std::size_t query = found->url.find('?'); query != std::string_view::npos)
    gateway.url += found->url.substr(query);
}

}  // namespace countersign::couriers
