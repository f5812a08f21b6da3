// SPDX-License-Identifier: Apache-2.0
// Phone numbers, addresses, names and gateways' answers on their way into messages: no value leaves
// its place.
#include <algorithm>

#include "core/crypto/system_random.h"
#include "core/factors/sent_code.h"
#include "core/factors/typed_code.h"
#include "core/machine/fingerprint.h"
#include "core/policy/send_budget.h"
#include "core/user.h"
#include "daemon/couriers/mail_address.h"
#include "daemon/couriers/mail_text.h"
#include "daemon/couriers/notices.h"
#include "daemon/couriers/sms.h"
#include "daemon/couriers/template.h"

using namespace countersign;
using namespace countersign::couriers;

namespace {

void require(bool held) {
  if (!held) __builtin_trap();
}

std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

// Headers of a message whose every part came from outside: as many as there are, each line in its
// limits.
void mail(std::string_view text) {
  static crypto::SystemRandom random;
  const Message message{
      .by = Kind::email, .to = "a@example.org", .subject = std::string(text), .text = Secret(text)};
  const Secret whole = mail_text(message, {std::string(text), "b@example.org"},
                                 from_unix_ms(1'700'000'000'000), random);
  const std::string_view octets = whole.expose_text();
  const std::string_view head = octets.substr(0, octets.find("\r\n\r\n"));
  std::size_t fields = 0;
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    require(end - at <= 998);
    fields += head[at] != ' ' ? 1U : 0U;
    at = end + 2;
  }
  require(fields == 9);
  for (std::size_t at = octets.find('\n'); at != std::string_view::npos;
       at = octets.find('\n', at + 1))
    require(at > 0 && octets[at - 1] == '\r');
}

void gateway(std::string_view text) {
  const Message message{.by = Kind::sms, .to = "+491701234567", .text = Secret(text)};
  Gateway asked{.name = "x",
                .url = "https://example.org/?t={text}",
                .headers = {"X: {username}"},
                .body = "{\"t\":\"{text}\"}",
                .escape = Escape::json,
                .username = std::string(text)};
  const auto request = request_for({asked, Secret()}, message);
  const bool lines = text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
  require(request.has_value() == !lines);
  if (request) {
    require(request->url.expose_text().find_first_of(" &#\"<>\r\n", 24) == std::string_view::npos);
    require(lines_in(request->body.expose_text()) == 0);
  }
  asked.success_text = {"ok"};
  require(judge(asked, {200, std::string(text)}).has_value() == text.contains("ok"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (require_mail_address(text).has_value()) {
    require(text.find_first_of(" ,;<>\"()\r\n") == std::string_view::npos);
    require(std::ranges::count(text, '@') == 1);
  }
  if (const auto mailbox = parse_mailbox(text))
    require(require_mail_address(mailbox->address).has_value());
  if (const auto code = parse_sent_code(text))
    require(code->text.size() >= 4 && code->text.size() <= 8);
  if (validate(User{.name = "a", .phone = std::string(text)}).has_value() && size > 0) {
    require(!sent_code::masked_phone(text).contains(text));
    (void)country_of(text, {"4", "49"});
  }
  (void)sent_code::masked_email(text);
  (void)words_for_event(text);
  if (const auto print = machine::decode_fingerprint({data, size}))
    require(std::ranges::equal(machine::encode(*print), BytesView(data, size)));
  const auto xml = fill("<t>{a}</t>", {{"a", text}}, Into::xml);
  require(xml.has_value() && std::ranges::count(xml->expose_text(), '<') == 2);
  mail(text);
  gateway(text);
  return 0;
}
