// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/letters.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/base/text.h"
#include "daemon/couriers/template.h"

namespace countersign::couriers {
namespace {

// Subject, text and HTML of an e-mail.
Result<Message> mail(std::string to, const std::string& subject, const std::string& text,
                     const std::string& html, const Values& values) {
  Message message{.by = Kind::email, .to = std::move(to), .text = {}};
  const Result<Secret> filled_subject = fill(subject, values, Into::line);
  Result<Secret> filled_text = fill(text, values, Into::text);
  Result<Secret> filled_html = fill(html, values, Into::xml);
  if (!filled_subject) return std::unexpected(filled_subject.error());
  if (!filled_text) return std::unexpected(filled_text.error());
  if (!filled_html) return std::unexpected(filled_html.error());
  message.subject = filled_subject->expose_text();
  message.text = std::move(*filled_text);
  message.html = std::move(*filled_html);
  return message;
}

std::string time_of(const Notice& notice) {
  return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                     std::chrono::floor<std::chrono::seconds>(notice.time));
}

// Views of what it is given.
Values values_of(const Notice& notice, const std::string& issuer, const std::string& time) {
  return {{"what", notice.what},
          {"issuer", issuer},
          {"user", notice.user},
          {"name", notice.name.empty() ? notice.user : notice.name},
          {"time", time}};
}

}  // namespace

const std::vector<std::string_view>& code_placeholders() {
  static const std::vector<std::string_view> all = {"code",    "issuer",      "user",   "name",
                                                    "service", "for_service", "minutes"};
  return all;
}

const std::vector<std::string_view>& notice_placeholders() {
  static const std::vector<std::string_view> all = {"what", "issuer", "user", "name", "time"};
  return all;
}

Result<Message> code_letter(const engine::CodeToSend& code, const Templates& templates,
                            const std::string& issuer, Time now) {
  const std::string service = escape_text(code.service);
  const std::string for_service = service.empty() ? std::string() : " (" + service + ")";
  const std::string minutes =
      std::to_string(std::chrono::ceil<std::chrono::minutes>(code.expires - now).count());
  const Values values = {{"code", code.code.expose_text()},
                         {"issuer", issuer},
                         {"user", code.user},
                         {"name", code.display_name.empty() ? code.user : code.display_name},
                         {"service", service},
                         {"for_service", for_service},
                         {"minutes", minutes}};
  if (code.kind == Kind::email)
    return mail(code.recipient, templates.code_subject, templates.code_text, templates.code_html,
                values);
  Secret text = TRY(fill(templates.sms_text, values, Into::text));
  return Message{.by = Kind::sms, .to = code.recipient, .text = std::move(text)};
}

Result<Message> notice_sms(const Notice& notice, const Templates& templates,
                           const std::string& issuer) {
  const std::string time = time_of(notice);
  Secret text = TRY(fill(templates.sms_notice, values_of(notice, issuer, time), Into::text));
  return Message{.by = Kind::sms, .to = notice.to, .text = std::move(text)};
}

Result<Message> notice_letter(const Notice& notice, const Templates& templates,
                              const std::string& issuer) {
  const std::string time = time_of(notice);
  const Values values = values_of(notice, issuer, time);
  return mail(notice.to, templates.notice_subject, templates.notice_text, templates.notice_html,
              values);
}

}  // namespace countersign::couriers
