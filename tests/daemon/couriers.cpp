// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/crypto/system_random.h"
#include "core/encoding/base64.h"
#include "daemon/couriers/letters.h"
#include "daemon/couriers/mail_address.h"
#include "daemon/couriers/mail_text.h"
#include "daemon/couriers/notices.h"
#include "daemon/couriers/presets.h"
#include "daemon/couriers/sms.h"
#include "daemon/couriers/template.h"

using namespace countersign;
using namespace countersign::couriers;

namespace {

std::string filled(std::string_view text, const Values& values, Into into) {
  const auto result = fill(text, values, into);
  return result ? std::string(result->expose_text()) : "! " + result.error().what;
}

Message sms(const std::string& text, const std::string& to = "+491701234567") {
  return {.by = Kind::sms, .to = to, .text = Secret(text)};
}

ReadyGateway ready(const std::string& preset) {
  Gateway gateway{.name = preset, .preset = preset};
  BOOST_TEST_REQUIRE(apply_preset(gateway).has_value());
  gateway.from = "Us & Co";
  gateway.username = "ac/count";
  if (gateway.url.empty()) gateway.url = "https://x.api.infobip.com/sms/2/text/advanced";
  return {gateway, Secret("p&s\"s")};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(couriers_template)

BOOST_AUTO_TEST_CASE(values_stay_values_wherever_they_stand) {
  const Values values = {{"a", "x&y=1 \"{b}\" <\n>"}, {"b", "2"}};
  BOOST_TEST(filled("{a}{b}", values, Into::text) ==
             "x&y=1 \"{b}\" <\n>2");  // what a value holds is not looked at again
  BOOST_TEST(filled("?q={a}", values, Into::url) == "?q=x%26y%3D1%20%22%7Bb%7D%22%20%3C%0A%3E");
  BOOST_TEST(filled(R"({"t":"{a}"})", values, Into::json) ==
             "{\"t\":\"x&y=1 \\\"{b}\\\" <\\u000a>\"}");
  BOOST_TEST(filled("<t>{a}</t>", values, Into::xml) ==
             "<t>x&amp;y=1 &quot;{b}&quot; &lt;\n&gt;</t>");
  BOOST_TEST(filled("H: {a}", values, Into::line).starts_with("! "));
}

BOOST_AUTO_TEST_CASE(braces_that_are_no_placeholders_are_braces) {
  BOOST_TEST(filled("{ {} {A} {a", {{"a", "1"}}, Into::text) == "{ {} {A} {a");
  BOOST_TEST(filled("{nobody}", {}, Into::text) == "! {nobody} is not a known placeholder");
  BOOST_TEST(!require_placeholders("{code} {cod}", code_placeholders()).has_value());
  BOOST_TEST(require_placeholders(Templates().code_html, code_placeholders()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(couriers_mail)

BOOST_AUTO_TEST_CASE(addresses) {
  for (const char* good :
       {"a@example.org", "first.last+tag@mail.example.co.uk", "o'neil@example.org", "x_y-z@host"})
    BOOST_TEST(require_mail_address(good).has_value(), good);
  for (const char* bad : {"",
                          "@",
                          "a@",
                          "@b",
                          "a b@c",
                          "a@b c",
                          "a,b@c",
                          "a;b@c",
                          "<a@b>",
                          "a@b>",
                          "\"a\"@b",
                          "a..b@c",
                          ".a@b",
                          "a.@b",
                          "a@.b",
                          "a@b.",
                          "a@b..c",
                          "a@b\r\nBcc: x@y",
                          "a@[127.0.0.1]",
                          "ä@example.org",
                          "a@exämple.org",
                          "a(comment)@b"})
    BOOST_TEST(!require_mail_address(bad).has_value(), bad);
  BOOST_TEST(!require_mail_address(std::string(65, 'a') + "@example.org").has_value());
  const auto named = parse_mailbox("The \"Desk\" <desk@example.org>");
  BOOST_TEST_REQUIRE(named.has_value());
  BOOST_TEST(named->name == "The \"Desk\"");
  BOOST_TEST(!parse_mailbox("x <a@b>, <c@d>").has_value());
}

BOOST_AUTO_TEST_CASE(headers_are_encoded_words_and_never_end_early) {
  BOOST_TEST(header_text("plain text") == "plain text");
  BOOST_TEST(header_text("a\r\nBcc: b") == "a  Bcc: b");
  BOOST_TEST(header_text("Grüße") == "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=");
  BOOST_TEST(header_text("=?utf-8?Q?x?=").starts_with("=?utf-8?Q?=3D=3F"));
  const std::string folded =
      header_text(std::string(40, 'a') + std::string(60, '\xC3').substr(0, 0) +
                  "ääääääääääääääääääääääääääääää");
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find("\r\n", at), folded.size());
    BOOST_TEST(end - at <= 76U);
    at = end + 2;
  }
}

BOOST_AUTO_TEST_CASE(quoted_printable_lines) {
  std::string out;
  append_quoted_printable(out, "a = b \nend\t\n.dot");
  BOOST_TEST(out == "a =3D b=20\r\nend=09\r\n=2Edot\r\n");
  out.clear();
  append_quoted_printable(out, std::string(200, 'x'));
  BOOST_TEST(out.find("=\r\n") == 75U);
}

BOOST_AUTO_TEST_CASE(a_whole_message) {
  crypto::SystemRandom random;
  const Message message{.by = Kind::email,
                        .to = "alice@example.org",
                        .subject = "code\r\nBcc: thief@example.org",
                        .text = Secret("123456\n"),
                        .html = Secret("<b>123456</b>")};
  const Secret mail = mail_text(message, {"Desk \"1\"", "desk@example.org"},
                                from_unix_ms(1'750'000'000'000), random);
  const std::string_view text = mail.expose_text();
  BOOST_TEST(text.starts_with(
      "From: \"Desk 1\" <desk@example.org>\r\nTo: alice@example.org\r\nSubject: code  Bcc: "
      "thief@example.org\r\nDate: Sun, 15 Jun 2025 15:06:40 +0000\r\nMessage-ID: <"));
  BOOST_TEST(text.contains("\r\nAuto-Submitted: auto-generated\r\n"));
  BOOST_TEST(!text.contains("\r\nBcc"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(couriers_sms)

BOOST_AUTO_TEST_CASE(presets_say_everything_that_a_message_needs) {
  for (const std::string_view name : preset_names()) {
    const ReadyGateway gateway = ready(std::string(name));
    const auto request = request_for(gateway, sms("123456 is \"it\" & more"));
    BOOST_TEST_REQUIRE(request.has_value(), name);
    const std::string all =
        std::string(request->url.expose_text()) + std::string(request->body.expose_text());
    BOOST_TEST(all.contains("123456"), name);
    BOOST_TEST(all.contains("491701234567"), name);
    BOOST_TEST(!all.contains("{to"), name);
    BOOST_TEST(!all.contains("\"it\""), name);  // escaped, in whatever way
  }
  Gateway unknown{.preset = "pigeon"};
  BOOST_TEST(!apply_preset(unknown).has_value());
}

BOOST_AUTO_TEST_CASE(kannel_gets_its_query_wherever_it_runs) {
  Gateway gateway{.preset = "kannel"};
  BOOST_TEST_REQUIRE(apply_preset(gateway).has_value());
  gateway.url = "http://127.0.0.1:14000/cgi-bin/sendsms";
  complete_url(gateway);
  const auto request = request_for({gateway, Secret("x y")}, sms("Grüße 1"));
  BOOST_TEST_REQUIRE(request.has_value());
  BOOST_TEST(request->url.expose_text() ==
             "http://127.0.0.1:14000/cgi-bin/"
             "sendsms?username=&password=x%20y&from=&to=%2B491701234567&coding=2&charset=UTF-8&"
             "text=Gr%C3%BC%C3%9Fe%201");
}

BOOST_AUTO_TEST_CASE(only_what_the_rule_says_is_success) {
  Gateway gateway{.success_status = {200, 202}, .success_text = {"\"status\":\"0\""}};
  BOOST_TEST(judge(gateway, {200, R"({"status":"0"})"}).has_value());
  BOOST_TEST(!judge(gateway, {200, R"({"status":"1"})"}).has_value());
  BOOST_TEST(!judge(gateway, {500, R"({"status":"0"})"}).has_value());
  BOOST_TEST(!judge(gateway, {302, R"({"status":"0"})"}).has_value());
  BOOST_TEST(!judge(gateway, {0, ""}).has_value());
}

BOOST_AUTO_TEST_CASE(base64_of_an_account) {
  for (const auto& [plain, coded] : {std::pair{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"foobar", "Zm9vYmFy"}})  // RFC 4648 §10
    BOOST_TEST(formats::base64_encode(as_bytes(plain)).expose_text() == coded);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(couriers_notices)

BOOST_AUTO_TEST_CASE(what_is_told_and_what_not) {
  BOOST_TEST(words_for_event(R"({"action":"enroll","outcome":"done","kind":"fido2"})") ==
             "A new authenticator (fido2) was bound to your account");
  BOOST_TEST(words_for_event(R"({"action":"verify","outcome":"verified","kind":"backup-codes"})") ==
             "One of your backup codes was used");
  BOOST_TEST(words_for_event(R"({"action":"verify","outcome":"verified","kind":"totp"})").empty());
  BOOST_TEST(
      words_for_event(R"({"action":"verify","outcome":"denied","reason":"wrong-code"})").empty());
  BOOST_TEST(
      !words_for_event(R"({"action":"verify","outcome":"denied","throttled":"yes"})").empty());
  BOOST_TEST(words_for_event(R"({"action":"verify","outcome":"verified","kind":"temporary-code"})")
                 .contains("temporary code"));
  BOOST_TEST(words_for_event(R"({"action":"temporary-code","outcome":"done"})")
                 .contains("temporary code"));
  BOOST_TEST(words_for_event(R"({"action":"user.forget","outcome":"done"})")
                 .contains("enrol again at your next sign-in"));
  BOOST_TEST(
      words_for_event(R"({"action":"user.set","outcome":"done","changed":"location"})").empty());
  BOOST_TEST(words_for_event(R"({"action":"user.set","outcome":"done","changed":"phone,email"})")
                 .contains("phone number and the e-mail"));
  for (const char* malformed : {"", "{", "[]", R"({"action":1})"})
    BOOST_TEST(words_for_event(malformed).empty());
}

BOOST_AUTO_TEST_SUITE_END()
