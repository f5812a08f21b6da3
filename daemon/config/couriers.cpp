// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/couriers.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/factors/sent_code.h"
#include "daemon/couriers/letters.h"
#include "daemon/couriers/mail_address.h"
#include "daemon/couriers/presets.h"
#include "daemon/couriers/sms.h"
#include "daemon/couriers/template.h"

namespace countersign::config {
namespace {

using couriers::Gateway;

constexpr std::size_t longest_template = 16 * 1024;

// "host" of "scheme://host:port/path"; empty when it is not of this form.
std::string_view host_of(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme)) return {};
  url.remove_prefix(scheme.size());
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.contains('@')) return {};  // accounts have keys of their own here
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// A text of several lines.
Take lines(std::string& into, const std::vector<std::string_view>& placeholders) {
  return [&into, &placeholders](const toml::node& node, const std::string& key,
                                const Reader& reader) -> Result<void> {
    const auto value = node.value_exact<std::string>();
    if (!value || value->size() > longest_template)
      return reader.wrong(node, key, "must be a string of at most 16 KiB");
    std::string flat = *value;
    std::ranges::replace(flat, '\n', ' ');
    if (auto plain = require_plain_text(key, flat, longest_template); !plain)
      return reader.wrong(node, key, "holds characters that are not allowed");
    if (auto known = couriers::require_placeholders(*value, placeholders); !known)
      return reader.wrong(node, key, known.error().what);
    into = *value;
    return {};
  };
}

// One line, with these placeholders.
Take line(std::string& into, const std::vector<std::string_view>& placeholders) {
  return [&into, &placeholders](const toml::node& node, const std::string& key,
                                const Reader& reader) -> Result<void> {
    TRY(text(into)(node, key, reader));
    if (auto known = couriers::require_placeholders(into, placeholders); !known)
      return reader.wrong(node, key, known.error().what);
    return {};
  };
}

Take mailbox(std::string& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(text(into)(node, key, reader));
    if (auto parsed = couriers::parse_mailbox(into); !parsed)
      return reader.wrong(node, key, parsed.error().what);
    return {};
  };
}

Take headers(std::vector<std::string>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(texts(into)(node, key, reader));
    for (const std::string& header : into) {
      const std::size_t colon = header.find(':');
      const bool good = colon != std::string::npos && colon > 0 &&
                        require_plain_text(key, header, 1024).has_value();
      if (!good) return reader.wrong(node, key, "must be written as \"Name: value\"");
      if (auto known = couriers::require_placeholders(header, couriers::gateway_placeholders());
          !known)
        return reader.wrong(node, key, known.error().what);
    }
    return {};
  };
}

Take statuses(std::vector<int>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const toml::array* list = node.as_array();
    if (list == nullptr || list->empty())
      return reader.wrong(node, key, "must be a list of HTTP statuses");
    into.clear();
    for (const toml::node& element : *list) {
      const auto value = element.value_exact<std::int64_t>();
      if (!value || *value < 200 || *value > 299)
        return reader.wrong(element, key, "must be statuses from 200 to 299");
      into.push_back(static_cast<int>(*value));
    }
    return {};
  };
}

// Calling codes, with or without the plus.
Take calling_codes(std::vector<std::string>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(texts(into)(node, key, reader));
    for (std::string& code : into) {
      if (code.starts_with('+')) code.erase(0, 1);
      const bool digits = !code.empty() && code.size() <= 7 && code[0] != '0' &&
                          std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) return reader.wrong(node, key, "must be calling codes like \"+49\"");
    }
    return {};
  };
}

Take milliseconds(std::int64_t least, std::int64_t most, Milliseconds& into, std::int64_t unit) {
  return number(least, most, std::function<void(std::int64_t)>([&into, unit](std::int64_t value) {
                  into = Milliseconds(value * unit);
                }));
}

Result<void> complete(Gateway& gateway, const toml::node& node, const std::string& key,
                      const Reader& reader) {
  if (gateway.name.empty()) gateway.name = gateway.preset;
  if (gateway.name.empty()) return reader.wrong(node, key, "needs a name");
  if (!gateway.file.empty()) return {};
  couriers::complete_url(gateway);
  const std::string_view plain = host_of(gateway.url, "http://");
  if (host_of(gateway.url, "https://").empty() && plain.empty())
    return reader.wrong(node, key, "needs a url that begins with https:// (and holds no account)");
  if (!plain.empty() && !this_machine(plain))
    return reader.wrong(node, key,
                        "has a url without TLS: that is allowed for this machine itself only");
  if (auto known = couriers::require_placeholders(gateway.url, couriers::gateway_placeholders());
      !known)
    return reader.wrong(node, key, known.error().what);
  if (!gateway.url.contains("{text}") && !gateway.body.contains("{text}"))
    return reader.wrong(
        node, key,
        "has {text} neither in its url nor in its body: no code would be in the message");
  if (!gateway.url.contains("{to") && !gateway.body.contains("{to"))
    return reader.wrong(node, key, "has {to} neither in its url nor in its body");
  return {};
}

Take gateways(std::vector<Gateway>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const toml::array* list = node.as_array();
    if (list == nullptr) return reader.wrong(node, key, "must be written as [[sms.gateway]]");
    into.clear();
    for (const toml::node& element : *list) {
      Gateway gateway;
      if (const toml::table* table = element.as_table())
        if (const toml::node* preset = table->get("preset")) {
          gateway.preset = preset->value_exact<std::string>().value_or("?");
          if (auto known = couriers::apply_preset(gateway); !known)
            return reader.wrong(*preset, key + ".preset", known.error().what);
        }
      const auto& known = couriers::gateway_placeholders();
      const Keys keys = {
          {"name", text(gateway.name)},
          {"preset", text(gateway.preset)},
          {"method",
           one_of<std::string>({{"GET", "GET"}, {"POST", "POST"}, {"PUT", "PUT"}}, gateway.method)},
          {"url", line(gateway.url, known)},
          {"headers", headers(gateway.headers)},
          {"body", lines(gateway.body, known)},
          {"escape", one_of<couriers::Escape>({{"form", couriers::Escape::form},
                                               {"json", couriers::Escape::json},
                                               {"xml", couriers::Escape::xml}},
                                              gateway.escape)},
          {"from", text(gateway.from)},
          {"username", text(gateway.username)},
          {"credential_file", text(gateway.credential_file)},
          {"ca_file", text(gateway.ca_file)},
          {"success_status", statuses(gateway.success_status)},
          {"success_text", texts(gateway.success_text)},
          {"timeout_seconds",
           number(1, 60, std::function<void(std::int64_t)>([&gateway](std::int64_t value) {
                    gateway.timeout = std::chrono::seconds(value);
                  }))},
          {"file", text(gateway.file)}};
      TRY(reader.table(element, key, keys));
      TRY(complete(gateway, element, key, reader));
      into.push_back(std::move(gateway));
    }
    return {};
  };
}

}  // namespace

Take email_table(couriers::Settings& settings) {
  return [&settings](const toml::node& node, const std::string& key,
                     const Reader& reader) -> Result<void> {
    couriers::Email& email = settings.email;
    const Keys keys = {{"url", text(email.url)},
                       {"from", mailbox(email.from)},
                       {"username", text(email.username)},
                       {"credential_file", text(email.credential_file)},
                       {"ca_file", text(email.ca_file)},
                       {"tls", one_of<couriers::Tls>({{"required", couriers::Tls::required},
                                                      {"none", couriers::Tls::none}},
                                                     email.tls)},
                       {"file", text(email.file)},
                       {"notices", flag(email.notices)}};
    TRY(reader.table(node, key, keys));
    if (email.url.empty() && email.file.empty()) return reader.wrong(node, key, "needs a url");
    if (email.from.empty())
      return reader.wrong(node, key, "needs from: the address that messages come from");
    if (!email.file.empty()) return {};
    const std::string_view host =
        host_of(email.url, email.url.starts_with("smtps://") ? "smtps://" : "smtp://");
    if (host.empty())
      return reader.wrong(
          node, key, "needs a url that begins with smtp:// or smtps:// (and holds no account)");
    if (email.tls == couriers::Tls::none && !this_machine(host))
      return reader.wrong(node, key,
                          "has tls = \"none\": that is for a mail server on this machine alone");
    if (email.username.empty() != email.credential_file.empty())
      return reader.wrong(node, key, "needs both username and credential_file, or neither");
    return {};
  };
}

Take sms_table(couriers::Settings& settings, SendRules& rules) {
  return table_of(
      {{"countries", calling_codes(rules.countries)}, {"gateway", gateways(settings.sms)}});
}

Take codes_table(engine::Rules& rules) {
  SendRules& sending = rules.sending;
  return table_of(
      {{"digits", number(sent_code::fewest_digits, sent_code::most_digits, rules.sent.digits)},
       {"minutes", milliseconds(1, 10, rules.sent.lives, 60'000)},
       {"pause_seconds", milliseconds(0, 600, sending.between, 1000)},
       {"user_per_hour", number(1, 1000, sending.user.per_hour)},
       {"user_per_day", number(1, 10'000, sending.user.per_day)},
       {"recipient_per_hour", number(1, 1000, sending.recipient.per_hour)},
       {"recipient_per_day", number(1, 10'000, sending.recipient.per_day)},
       {"country_per_hour", number(1, 1'000'000, sending.country.per_hour)},
       {"country_per_day", number(1, 10'000'000, sending.country.per_day)},
       {"sms_per_hour", number(1, 1'000'000, sending.site.per_hour)},
       {"sms_per_day", number(1, 10'000'000, sending.site.per_day)},
       {"email_per_hour", number(1, 1'000'000, sending.site_email.per_hour)},
       {"email_per_day", number(1, 10'000'000, sending.site_email.per_day)}});
}

Take templates_table(couriers::Templates& templates) {
  const auto& code = couriers::code_placeholders();
  const auto& notice = couriers::notice_placeholders();
  return table_of({{"code_subject", line(templates.code_subject, code)},
                   {"code_text", lines(templates.code_text, code)},
                   {"code_html", lines(templates.code_html, code)},
                   {"sms_text", lines(templates.sms_text, code)},
                   {"sms_notice", lines(templates.sms_notice, notice)},
                   {"notice_subject", line(templates.notice_subject, notice)},
                   {"notice_text", lines(templates.notice_text, notice)},
                   {"notice_html", lines(templates.notice_html, notice)}});
}

}  // namespace countersign::config
