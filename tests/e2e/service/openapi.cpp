// SPDX-License-Identifier: Apache-2.0
// The document that the daemon serves and what it does are the same: each route is called, well and
// badly, and no status, field or parameter may come that the document does not declare, with the
// type it declares.
#include <boost/test/unit_test.hpp>

#include <set>

#include "tests/e2e/support/key_house.h"

using namespace countersign;
using namespace countersign::test;

namespace {

namespace json = boost::json;

struct Documented {
  const House& house;
  Json document = ask(house.daemon, "GET", "/v1/openapi.json");
  std::set<std::string> called = {};

  // template path → operation
  [[nodiscard]] const Json& operation(const std::string& method, const std::string& path) const {
    const auto& paths = document.at("paths").as_object();
    if (!paths.contains(path) || !paths.at(path).as_object().contains(method))
      throw std::runtime_error("not documented: " + method + " " + path);
    return paths.at(path).as_object().at(method).as_object();
  }

  // Calls, and holds the answer to the document. path: as documented; target: as sent.
  client::Answer call(const std::string& method, const std::string& path, const std::string& target,
                      const std::string& body, int status) {
    std::string lower = method;
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    const Json& described = operation(lower, path);
    client::Answer answer = house.daemon.call(method, target, body);
    BOOST_TEST_CONTEXT(method << " " << target << " " << body.substr(0, 200) << " → "
                              << answer.status << " " << answer.body.substr(0, 300)) {
      BOOST_TEST(answer.status == status);
      const auto* response =
          described.at("responses").as_object().if_contains(std::to_string(answer.status));
      BOOST_TEST((response != nullptr));
      if (response != nullptr && path != "/v1/openapi.json")
        hold(object_in(answer.body), schema_of(response->as_object(), answer.status), "");
    }
    if (status == 200) called.insert(lower + " " + path);
    return answer;
  }

  [[nodiscard]] const Json& schema_of(const Json& response, int status) const {
    if (status != 200)
      return document.at("components")
          .as_object()
          .at("schemas")
          .as_object()
          .at("Problem")
          .as_object();
    const auto& content = response.at("content").as_object();
    return content
        .at(content.contains("application/json") ? "application/json" : "application/x-ndjson")
        .as_object()
        .at("schema")
        .as_object();
  }

  void hold(const json::value& value, const Json& schema, const std::string& where) const {
    BOOST_TEST_CONTEXT("at " << where) {
      const std::string type(schema.at("type").as_string());
      if (type == "object") {
        BOOST_REQUIRE(value.is_object());
        const auto& properties = schema.at("properties").as_object();
        for (const auto& [key, member] : value.as_object()) {
          BOOST_TEST(properties.contains(key), "undeclared field " << key);
          if (properties.contains(key))
            hold(member, properties.at(key).as_object(), where + "/" + std::string(key));
        }
        if (const auto* required = schema.if_contains("required"))
          for (const auto& name : required->as_array())
            BOOST_TEST(value.as_object().contains(name.as_string()), "missing " << name);
      } else if (type == "array") {
        BOOST_REQUIRE(value.is_array());
        for (const auto& element : value.as_array())
          hold(element, schema.at("items").as_object(), where + "/*");
      } else if (type == "string") {
        BOOST_TEST(value.is_string());
        if (const auto* choices = schema.if_contains("enum")) {
          bool found = false;
          for (const auto& choice : choices->as_array()) found = found || choice == value;
          BOOST_TEST(found, "not one of the declared values: " << value);
        }
      } else if (type == "integer") {
        BOOST_TEST(value.is_int64());
      } else if (type == "boolean") {
        BOOST_TEST(value.is_bool());
      } else {
        BOOST_TEST(false, "a type that JSON Schema does not have: " << type);
      }
    }
  }
};

std::string code_body(const std::string& code) { return R"({"code":")" + code + "\"}"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(openapi)

BOOST_AUTO_TEST_CASE(every_route_declares_what_it_takes_and_says) {
  const House house;
  const Json document = ask(house.daemon, "GET", "/v1/openapi.json");
  BOOST_TEST(text(document, "openapi") == "3.1.0");
  const std::set<std::string> privileges = {
      "anyone", "self", "self-or-helpdesk", "verify", "audit", "helpdesk", "admin"};
  std::size_t routes = 0;
  for (const auto& [path, operations] : document.at("paths").as_object())
    for (const auto& [method, value] : operations.as_object()) {
      BOOST_TEST_CONTEXT(method << " " << path) {
        const Json& operation = value.as_object();
        ++routes;
        BOOST_TEST(!text(operation, "summary").empty());
        BOOST_TEST(privileges.contains(text(operation, "x-privilege")));
        std::set<std::string> declared;
        for (const auto& parameter : operation.at("parameters").as_array()) {
          const Json& one = parameter.as_object();
          declared.insert(text(one, "name"));
          BOOST_TEST(!text(one, "description").empty());
          BOOST_TEST(one.at("schema").as_object().contains("type"));
          if (text(one, "in") == "path")
            BOOST_TEST(one.at("required").as_bool());
          else
            BOOST_TEST(text(one, "in") == "query");
        }
        const std::string template_path(path);
        for (std::size_t at = template_path.find('{'); at != std::string::npos;
             at = template_path.find('{', at + 1))
          BOOST_TEST(declared.contains(
              template_path.substr(at + 1, template_path.find('}', at) - at - 1)));
        if (const auto* body = operation.if_contains("requestBody")) {
          const Json& content = body->as_object().at("content").as_object();
          if (content.contains("application/octet-stream")) continue;  // a secret, as it is
          const Json& schema = content.at("application/json").as_object().at("schema").as_object();
          for (const auto& [name, property] : schema.at("properties").as_object())
            BOOST_TEST(!text(property.as_object(), "description").empty(), name);
        }
        for (const char* status : {"200", "400", "403", "413", "500", "503"})
          BOOST_TEST(operation.at("responses").as_object().contains(status), status);
      }
    }
  BOOST_TEST(routes >= 40U);
}

BOOST_AUTO_TEST_CASE(every_route_answers_as_documented) {
  const TemporaryFolder mail;
  const KeyHouse house("[email]\nfile = \"" + (mail / "mail") +
                       "\"\nfrom = \"noreply@example.org\"\n");
  const SoftKey key = house.plug("a", {"--profile", "no-pin"});
  Documented api{.house = house};
  const auto& daemon = house.daemon;
  const auto created = [](const client::Answer& answer, const char* member) {
    return text(object_in(answer.body), member);
  };

  (void)api.call("GET", "/v1/openapi.json", "/v1/openapi.json", "", 200);
  (void)api.call("GET", "/v1/status", "/v1/status", "", 200);
  (void)api.call("GET", "/v1/status", "/v1/status?verbose=1", "", 400);

  (void)api.call(
      "POST", "/v1/users", "/v1/users",
      R"({"name":"alice","display_name":"A","audience":"staff","location":"berlin","phone":"+491701234567","email":"a@example.org","login":"al","role":"user"})",
      200);
  (void)api.call("POST", "/v1/users", "/v1/users", R"({"name":"alice"})", 409);
  for (const char* bad : {"", "{", "[]", "{}", R"({"name":1})", R"({"name":"x","nick":"y"})",
                          R"({"name":"x","role":"king"})", R"({"name":"x\u0000y"})"})
    (void)api.call("POST", "/v1/users", "/v1/users", bad, 400);
  (void)api.call("POST", "/v1/users", "/v1/users", std::string(33 << 20, 'x'), 413);
  (void)api.call("POST", "/v1/users/batch", "/v1/users/batch",
                 R"({"users":[{"name":"bob"},{"name":"alice"},{"name":"b b"}],"partial":true})",
                 200);
  (void)api.call("POST", "/v1/users/batch", "/v1/users/batch", R"({"users":{}})", 400);
  (void)api.call("GET", "/v1/users",
                 "/v1/users?limit=1&location=berlin&audience=staff&without_factor=true", "", 200);
  (void)api.call("GET", "/v1/users", "/v1/users?search=ali&service_accounts=false", "", 200);
  (void)api.call("GET", "/v1/users", "/v1/users?limit=0", "", 400);
  (void)api.call("GET", "/v1/users/{name}", "/v1/users/alice", "", 200);
  (void)api.call("GET", "/v1/users/{name}", "/v1/users/nobody", "", 404);
  for (const char* login : {"al", "nobody"})
    (void)api.call("GET", "/v1/accounts/{login}", "/v1/accounts/" + std::string(login), "", 200);
  (void)api.call("GET", "/v1/accounts/{login}", "/v1/accounts/al?verbose=1", "", 400);
  (void)api.call(
      "PATCH", "/v1/users/{name}", "/v1/users/bob",
      R"({"display_name":"B","audience":"client","location":"rome","phone":"","email":"","login":"bo","role":"helpdesk","suspended":false})",
      200);
  (void)api.call("PATCH", "/v1/users/{name}", "/v1/users/bob", R"({"login":"al"})", 409);
  (void)api.call("PATCH", "/v1/users/{name}", "/v1/users/nobody", R"({"location":"x"})", 404);
  (void)api.call("PATCH", "/v1/users/{name}", "/v1/users/bob", R"({"name":"carl"})", 400);

  const auto enrolled = api.call(
      "POST", "/v1/enrollments", "/v1/enrollments",
      R"({"user":"alice","kind":"totp","label":"phone","algorithm":"SHA256","digits":8,"period":30})",
      200);
  Phone phone{.user = "alice",
              .id = created(enrolled, "id"),
              .secret = created(enrolled, "secret"),
              .algorithm = "SHA256",
              .digits = 8};
  (void)api.call("POST", "/v1/enrollments", "/v1/enrollments", R"({"user":"nobody","kind":"totp"})",
                 404);
  for (const char* bad :
       {R"({"user":"alice","kind":"fido2"})", R"({"user":"alice","kind":"totp","digits":5})",
        R"({"user":"alice","kind":"totp","secret":"1"})",
        R"({"user":"alice","kind":"backup-codes","codes":1000})"})
    (void)api.call("POST", "/v1/enrollments", "/v1/enrollments", bad, 400);
  (void)api.call("POST", "/v1/enrollments", "/v1/enrollments",
                 R"({"user":"bob","kind":"backup-codes","codes":3})", 200);
  const auto hotp = api.call("POST", "/v1/enrollments", "/v1/enrollments",
                             R"({"user":"bob","kind":"hotp","confirm":false})", 200);
  const Phone token{.user = "bob", .id = created(hotp, "id"), .secret = created(hotp, "secret")};
  (void)api.call("POST", "/v1/enrollments/{id}/confirm", "/v1/enrollments/" + phone.id + "/confirm",
                 code_body("12"), 400);
  (void)api.call("POST", "/v1/enrollments/{id}/confirm", "/v1/enrollments/none/confirm",
                 code_body("123456"), 404);
  (void)api.call("POST", "/v1/enrollments/{id}/confirm", "/v1/enrollments/" + phone.id + "/confirm",
                 code_body(fresh_code(daemon, phone)), 200);
  (void)api.call("POST", "/v1/enrollments", "/v1/enrollments",
                 R"({"user":"bob","kind":"email","to":"bob@example.org","label":"mail"})", 200);
  for (int i = 0; i < 64; ++i)
    (void)daemon.call("POST", "/v1/enrollments", R"({"user":"alice","kind":"totp"})");
  (void)api.call("POST", "/v1/enrollments", "/v1/enrollments", R"({"user":"alice","kind":"totp"})",
                 429);

  (void)api.call("POST", "/v1/verifications", "/v1/verifications",
                 verification("alice", fresh_code(daemon, phone), "sudo"), 200);
  for (int i = 0; i < 11; ++i)
    (void)api.call("POST", "/v1/verifications", "/v1/verifications",
                   verification("alice", "00000" + std::to_string(i % 10)), 200);
  (void)api.call("POST", "/v1/verifications", "/v1/verifications", verification("nobody", "000000"),
                 200);
  (void)api.call("POST", "/v1/verifications", "/v1/verifications", verification("alice", "letters"),
                 400);
  (void)api.call("POST", "/v1/users/{name}/reopen", "/v1/users/alice/reopen", "", 200);
  (void)api.call("POST", "/v1/users/{name}/reopen", "/v1/users/nobody/reopen", "", 404);

  (void)api.call("PATCH", "/v1/users/{name}", "/v1/users/alice",
                 R"({"phone":"+491701234567","email":"alice@example.org"})", 200);
  const std::string challenge =
      created(api.call("POST", "/v1/codes", "/v1/codes",
                       R"({"user":"alice","kind":"email","service":"shop"})", 200),
              "challenge");
  (void)api.call("POST", "/v1/codes", "/v1/codes", R"({"user":"alice","kind":"email"})", 429);
  (void)api.call("POST", "/v1/codes", "/v1/codes", R"({"user":"alice","kind":"sms"})", 403);
  (void)api.call("POST", "/v1/codes", "/v1/codes", R"({"user":"nobody","kind":"email"})", 404);
  (void)api.call("POST", "/v1/codes", "/v1/codes", R"({"user":"alice","kind":"pigeon"})", 400);
  (void)api.call(
      "POST", "/v1/verifications", "/v1/verifications",
      R"({"user":"alice","code":"123456","service":"shop","challenge":")" + challenge + R"("})",
      200);

  (void)api.call("GET", "/v1/authenticators",
                 "/v1/authenticators?user=alice&kind=totp&status=active&limit=1&serial=", "", 200);
  (void)api.call("GET", "/v1/authenticators", "/v1/authenticators?limit=1", "", 200);
  (void)api.call("GET", "/v1/authenticators", "/v1/authenticators", "", 200);
  (void)api.call("GET", "/v1/authenticators", "/v1/authenticators?user=nobody", "", 404);
  (void)api.call("GET", "/v1/authenticators", "/v1/authenticators?kind=carrot", "", 400);
  (void)api.call("GET", "/v1/authenticators/{id}", "/v1/authenticators/" + phone.id, "", 200);
  (void)api.call("GET", "/v1/authenticators/{id}", "/v1/authenticators/none", "", 404);
  (void)api.call("PATCH", "/v1/authenticators/{id}", "/v1/authenticators/" + phone.id,
                 R"({"label":"new","status":"suspended"})", 200);
  (void)api.call("PATCH", "/v1/authenticators/{id}", "/v1/authenticators/" + phone.id,
                 R"({"status":"unassigned"})", 400);
  (void)api.call("PATCH", "/v1/authenticators/{id}", "/v1/authenticators/none", R"({"label":"x"})",
                 404);
  (void)api.call(
      "POST", "/v1/authenticators/{id}/resync", "/v1/authenticators/" + token.id + "/resync",
      R"({"codes":[")" + hotp_code(token, 20) + "\",\"" + hotp_code(token, 21) + "\"]}", 200);
  (void)api.call("POST", "/v1/authenticators/{id}/resync",
                 "/v1/authenticators/" + token.id + "/resync", R"({"codes":["123456"]})", 400);
  (void)api.call("POST", "/v1/authenticators/{id}/resync", "/v1/authenticators/none/resync",
                 R"({"codes":["123456","123457"]})", 404);
  (void)api.call("PATCH", "/v1/authenticators/{id}", "/v1/authenticators/" + phone.id,
                 R"({"status":"revoked"})", 200);
  (void)api.call("PATCH", "/v1/authenticators/{id}", "/v1/authenticators/" + phone.id,
                 R"({"status":"active"})", 409);
  (void)api.call("POST", "/v1/users/{name}/reset", "/v1/users/bob/reset", "", 200);
  (void)api.call("POST", "/v1/users/{name}/reset", "/v1/users/nobody/reset", "", 404);

  const std::string import = created(api.call("POST", "/v1/imports", "/v1/imports", "", 200), "id");
  (void)api.call(
      "POST", "/v1/imports/{id}/rows", "/v1/imports/" + import + "/rows",
      R"({"rows":[{"serial":"A","kind":"totp","secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"},{"kind":"totp","secret":"1"}]})",
      200);
  (void)api.call("POST", "/v1/imports/{id}/rows", "/v1/imports/" + import + "/rows",
                 R"({"rows":[{}]})", 400);
  (void)api.call("POST", "/v1/imports/{id}/rows", "/v1/imports/none/rows", R"({"rows":[]})", 404);
  (void)api.call("POST", "/v1/imports/{id}/finish", "/v1/imports/" + import + "/finish",
                 R"({"complete":true})", 200);
  (void)api.call("POST", "/v1/imports/{id}/finish", "/v1/imports/" + import + "/finish",
                 R"({"complete":true})", 409);
  (void)api.call("POST", "/v1/imports/{id}/finish", "/v1/imports/none/finish",
                 R"({"complete":true})", 404);

  (void)api.call("GET", "/v1/coverage", "/v1/coverage?location=berlin&service_accounts=true", "",
                 200);
  (void)api.call("GET", "/v1/coverage", "/v1/coverage?place=berlin", "", 400);
  (void)api.call("POST", "/v1/keys/rotate", "/v1/keys/rotate", "", 200);
  (void)api.call("POST", "/v1/keys/rotate", "/v1/keys/rotate", R"({"soon":true})", 400);
  (void)api.call("GET", "/v1/audit/events", "/v1/audit/events?after=2&limit=3", "", 200);
  (void)api.call("GET", "/v1/audit/events", "/v1/audit/events?after=x", "", 400);
  (void)api.call("GET", "/v1/audit/verification", "/v1/audit/verification", "", 200);
  (void)api.call("GET", "/v1/audit/verification", "/v1/audit/verification?sequence=1", "", 400);
  (void)api.call("POST", "/v1/audit/prune", "/v1/audit/prune", R"({"through":2})", 200);
  (void)api.call("POST", "/v1/audit/prune", "/v1/audit/prune", R"({"through":99999})", 400);
  (void)api.call("POST", "/v1/store/resync", "/v1/store/resync", "", 200);
  (void)api.call("PUT", "/v1/demo/clock", "/v1/demo/clock", R"({"advance":1,"step":0})", 200);
  (void)api.call("PUT", "/v1/demo/clock", "/v1/demo/clock", R"({"advance":-1})", 400);

  (void)api.call("POST", "/v1/users", "/v1/users", R"({"name":"dora"})", 200);
  (void)api.call("GET", "/v1/devices", "/v1/devices", "", 200);
  (void)api.call("GET", "/v1/devices/{id}", "/v1/devices/any", "", 200);
  (void)api.call("GET", "/v1/devices/{id}", "/v1/devices/nowhere", "", 504);
  (void)api.call(
      "POST", "/v1/enrollments/tap", "/v1/enrollments/tap",
      R"({"user":"dora","label":"key","discoverable":true,"uv":"discouraged","attestation":"none","seconds":9})",
      200);
  (void)api.call("POST", "/v1/enrollments/tap", "/v1/enrollments/tap",
                 R"({"user":"dora","seconds":9})", 409);
  (void)api.call("POST", "/v1/enrollments/tap", "/v1/enrollments/tap", R"({"user":"nobody"})", 404);
  (void)api.call("POST", "/v1/enrollments/tap", "/v1/enrollments/tap",
                 R"({"user":"dora","uv":"maybe"})", 400);
  (void)api.call("POST", "/v1/verifications/tap", "/v1/verifications/tap",
                 R"({"user":"dora","service":"sudo","seconds":9})", 200);
  (void)api.call("POST", "/v1/verifications/tap", "/v1/verifications/tap", R"({"seconds":9})", 200);
  (void)api.call("POST", "/v1/verifications/tap", "/v1/verifications/tap", R"({"users":"dora"})",
                 400);
  (void)api.call("POST", "/v1/interactions/{id}", "/v1/interactions/none", "1234", 404);
  key.control({"power-cycle"});
  (void)api.call("POST", "/v1/devices/{id}/manage", "/v1/devices/any/manage",
                 R"({"task":"reset","seconds":9})", 200);
  (void)api.call("POST", "/v1/devices/{id}/manage", "/v1/devices/any/manage", R"({"task":"paint"})",
                 400);
  {
    const SoftKey slots = house.plug("slots", {"--kind", "yubikey"});
    (void)api.call(
        "POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
        R"({"kind":"hmac","user":"dora","slot":2,"label":"blue","touch":false,"serial_visible":true,"seconds":9})",
        200);
    (void)api.call("POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
                   R"({"kind":"hmac","user":"dora","slot":2,"seconds":9})",
                   500);  // said in the stream: 409
    (void)api.call(
        "POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
        R"({"kind":"static","slot":1,"append_return":false,"new_access_code":"010203040506","seconds":9})",
        200);
    (void)api.call(
        "POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
        R"({"task":"erase","slot":1,"access_code":"010203040506","force":true,"seconds":9})", 200);
    (void)api.call("POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
                   R"({"kind":"hmac","user":"nobody","slot":1,"seconds":9})", 404);
    (void)api.call("POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
                   R"({"kind":"carrot","slot":1})", 400);
    (void)api.call("POST", "/v1/devices/{id}/slots", "/v1/devices/any/slots",
                   R"({"kind":"hmac","user":"dora","slot":2,"secret":"00"})", 400);
  }
  (void)api.call("POST", "/v1/enrollments/validated-elsewhere",
                 "/v1/enrollments/validated-elsewhere",
                 R"({"user":"dora","label":"x","code":"123456"})", 409);
  (void)api.call("GET", "/v1/authority", "/v1/authority", "", 404);
  (void)api.call("POST", "/v1/devices/{id}/provision", "/v1/devices/any/provision",
                 R"({"user":"dora"})", 404);  // there is no authority
  (void)api.call("POST", "/v1/authority", "/v1/authority", R"({"name":"Example cards","days":100})",
                 200);
  (void)api.call("POST", "/v1/authority", "/v1/authority", R"({"name":"Example cards"})", 409);
  (void)api.call("GET", "/v1/authority", "/v1/authority", "", 200);
  (void)api.call("POST", "/v1/devices/{id}/provision", "/v1/devices/any/provision",
                 R"({"user":"dora","slot":"9d"})", 400);
  (void)api.call("POST", "/v1/authenticators/{id}/renew", "/v1/authenticators/none/renew",
                 R"({"days":30})", 404);
  (void)api.call("POST", "/v1/cards/{serial}/reveal", "/v1/cards/12345/reveal", "", 404);
  (void)api.call("POST", "/v1/exports/yubico-otp", "/v1/exports/yubico-otp", R"({"user":"nobody"})",
                 404);
  (void)api.call("POST", "/v1/exports/yubico-otp", "/v1/exports/yubico-otp", R"({"user":"dora"})",
                 200);
  (void)api.call("GET", "/v1/authenticators", "/v1/authenticators?expiring=30", "", 200);
  (void)api.call("POST", "/v1/webauthn/registrations", "/v1/webauthn/registrations",
                 R"({"user":"dora","discoverable":true,"uv":"required","attestation":"direct"})",
                 200);
  (void)api.call("POST", "/v1/webauthn/registrations", "/v1/webauthn/registrations",
                 R"({"user":"nobody"})", 404);
  (void)api.call(
      "POST", "/v1/webauthn/registrations/{id}", "/v1/webauthn/registrations/none",
      R"({"credential":{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","attestationObject":"AA"}}})",
      404);
  (void)api.call("POST", "/v1/webauthn/authentications", "/v1/webauthn/authentications",
                 R"({"user":"dora","service":"web"})", 200);
  (void)api.call("POST", "/v1/webauthn/authentications", "/v1/webauthn/authentications",
                 R"({"user":"nobody"})", 200);  // a verdict
  const std::string response =
      R"({"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA"})";
  (void)api.call(
      "POST", "/v1/webauthn/authentications/{id}", "/v1/webauthn/authentications/none",
      R"({"credential":{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":)" +
          response + "}}",
      200);
  (void)api.call(
      "POST", "/v1/webauthn/authentications/{id}", "/v1/webauthn/authentications/none",
      R"({"credential":{"id":"AA","rawId":"A=","type":"public-key","response":)" + response + "}}",
      400);
  (void)api.call("GET", "/v1/attestation", "/v1/attestation", "", 200);
  (void)api.call(
      "PATCH", "/v1/attestation", "/v1/attestation",
      R"({"rule":"trusted-if-certified","denied":["00000000-0000-0000-0000-000000000001"]})", 200);
  (void)api.call("PATCH", "/v1/attestation", "/v1/attestation", R"({"denied":["1"]})", 400);
  (void)api.call("GET", "/v1/attestation/at-risk", "/v1/attestation/at-risk", "", 200);
  (void)api.call("POST", "/v1/attestation/metadata", "/v1/attestation/metadata", R"({"blob":"x"})",
                 500);

  (void)api.call("POST", "/v1/clients", "/v1/clients", R"({"name":"vpn"})", 200);
  (void)api.call("GET", "/v1/clients", "/v1/clients", "", 200);
  (void)api.call("POST", "/v1/clients/{id}/revoke", "/v1/clients/1/revoke", "", 200);
  (void)api.call("POST", "/v1/clients/{id}/revoke", "/v1/clients/9/revoke", "", 404);

  // --- sign-ins, under an audience of their own; the enrolments that fill their cap above have
  // expired ---
  advance(daemon, 3700);
  (void)api.call("GET", "/v1/policies", "/v1/policies", "", 200);
  (void)api.call("GET", "/v1/policies/{audience}", "/v1/policies/staff", "", 200);
  (void)api.call("GET", "/v1/policies/{audience}", "/v1/policies/nowhere", "", 404);
  const std::string wish =
      R"("mode":"optional","ask":"unrecognized","methods":["totp","hotp"],"skip_days":9,"code_length":6,"recognition_services":["web"],"add":true)";
  const auto dry = api.call("PATCH", "/v1/policies/{audience}", "/v1/policies/guests",
                            "{" + wish + R"(,"dry_run":true})", 200);
  (void)api.call("PATCH", "/v1/policies/{audience}", "/v1/policies/guests",
                 "{" + wish + R"(,"confirm":")" + created(dry, "change") + "\"}", 200);
  (void)api.call("PATCH", "/v1/policies/{audience}", "/v1/policies/guests",
                 R"({"mode":"required"})", 400);
  (void)api.call("PATCH", "/v1/policies/{audience}", "/v1/policies/nowhere",
                 R"({"mode":"off","dry_run":true})", 404);
  (void)api.call("POST", "/v1/users", "/v1/users", R"({"name":"gus","audience":"guests"})", 200);
  const auto begin = [&] {
    return created(
        api.call(
            "POST", "/v1/sign-ins", "/v1/sign-ins",
            R"({"user":"gus","service":"web","primary":"password","nonce":"n","cookie":"","here":false})",
            200),
        "id");
  };
  (void)api.call("POST", "/v1/sign-ins", "/v1/sign-ins", R"({"user":"gus"})", 400);
  const std::string skipped = begin();
  (void)api.call("POST", "/v1/sign-ins/{id}/skip", "/v1/sign-ins/" + skipped + "/skip", "", 200);
  (void)api.call("POST", "/v1/sign-ins/{id}/skip", "/v1/sign-ins/" + skipped + "/skip", "", 409);
  (void)api.call("POST", "/v1/users/{name}/unskip", "/v1/users/gus/unskip", "", 200);
  (void)api.call("POST", "/v1/users/{name}/unskip", "/v1/users/nobody/unskip", "", 404);
  const std::string enrolling = begin();
  const auto inside =
      api.call("POST", "/v1/sign-ins/{id}/enrollment", "/v1/sign-ins/" + enrolling + "/enrollment",
               R"({"kind":"totp","label":"phone"})", 200);
  (void)api.call("POST", "/v1/sign-ins/{id}/enrollment", "/v1/sign-ins/none/enrollment",
                 R"({"kind":"totp"})", 404);
  const Phone gus{.user = "gus", .id = created(inside, "id"), .secret = created(inside, "secret")};
  (void)api.call("POST", "/v1/sign-ins/{id}/enrollment/confirm",
                 "/v1/sign-ins/" + enrolling + "/enrollment/confirm",
                 code_body(fresh_code(daemon, gus)), 200);
  const std::string asked = begin();
  (void)api.call("GET", "/v1/sign-ins/{id}", "/v1/sign-ins/" + asked, "", 200);
  (void)api.call("GET", "/v1/sign-ins/{id}", "/v1/sign-ins/none", "", 404);
  (void)api.call("POST", "/v1/sign-ins/{id}/machine", "/v1/sign-ins/" + asked + "/machine",
                 R"({"cookie":""})", 200);
  (void)api.call("POST", "/v1/sign-ins/{id}/machine", "/v1/sign-ins/" + asked + "/machine",
                 R"({"key":"A="})", 400);
  (void)api.call("POST", "/v1/sign-ins/{id}/verify", "/v1/sign-ins/" + asked + "/verify",
                 R"({"code":"letters"})", 400);
  (void)api.call("POST", "/v1/sign-ins/{id}/tap", "/v1/sign-ins/" + asked + "/tap",
                 R"({"seconds":1})", 409);
  (void)api.call("POST", "/v1/sign-ins/{id}/verify", "/v1/sign-ins/" + asked + "/verify",
                 R"({"remember":true,"code":")" + fresh_code(daemon, gus) + "\"}", 200);
  (void)api.call("POST", "/v1/sessions/end", "/v1/sessions/end", R"({"session":"c1"})", 200);
  const auto machines =
      api.call("GET", "/v1/machines", "/v1/machines?kind=browser&status=known&limit=9", "", 200);
  const std::string browser =
      text(object_in(machines.body).at("machines").as_array().at(0).as_object(), "id");
  (void)api.call("POST", "/v1/machines/{id}/block", "/v1/machines/" + browser + "/block",
                 R"({"name":"stolen"})", 200);
  (void)api.call("POST", "/v1/machines/{id}/forget", "/v1/machines/" + browser + "/forget", "",
                 200);
  (void)api.call("POST", "/v1/machines/{id}/recognize", "/v1/machines/" + browser + "/recognize",
                 R"({"audience":"guests"})", 200);
  (void)api.call("POST", "/v1/machines/{id}/recognize", "/v1/machines/none/recognize",
                 R"({"audience":"guests"})", 404);
  (void)api.call("POST", "/v1/machines/forget", "/v1/machines/forget", "", 200);
  (void)api.call("POST", "/v1/sessions", "/v1/sessions",
                 R"({"session":"c1","sign_in":")" + asked + "\"}", 200);
  (void)api.call("POST", "/v1/sessions", "/v1/sessions", R"({"session":"","sign_in":"none"})", 400);
  (void)api.call("GET", "/v1/jwks", "/v1/jwks", "", 200);
  (void)api.call("GET", "/v1/auth", "/v1/auth?audience=web", "", 401);
  (void)api.call("POST", "/v1/enrollments/temporary-code", "/v1/enrollments/temporary-code",
                 R"({"user":"gus","seconds":3600,"uses":2})", 200);
  (void)api.call("POST", "/v1/enrollments/temporary-code", "/v1/enrollments/temporary-code",
                 R"({"user":"gus","seconds":1})", 400);
  (void)api.call("POST", "/v1/users", "/v1/users", R"({"name":"chief","role":"admin"})", 200);
  const Phone chief = enroll_totp(daemon, "chief");
  (void)api.call("POST", "/v1/fresh-verifications", "/v1/fresh-verifications",
                 R"({"user":"chief","change":"machine.forget-all","code":")" +
                     fresh_code(daemon, chief) + "\"}",
                 200);
  (void)api.call("POST", "/v1/fresh-verifications", "/v1/fresh-verifications",
                 R"({"user":"chief","change":"machine.forget-all","code":"000000"})", 403);
  const std::string list = R"({"kind":"users","list":["x"])";
  const std::string wanted = text(
      object_in(api.call("POST", "/v1/permits", "/v1/permits", list + "}", 403).body), "change");
  const auto fresh_for = [&](const std::string& change) {
    const Json body = {
        {"user", "chief"}, {"change", change}, {"code", fresh_code(house.daemon, chief)}};
    return R"("fresh":")" +
           text(object_in(api.call("POST", "/v1/fresh-verifications", "/v1/fresh-verifications",
                                   boost::json::serialize(body), 200)
                              .body),
                "id") +
           "\"}";
  };
  (void)api.call("POST", "/v1/permits", "/v1/permits", list + "," + fresh_for(wanted), 200);
  (void)api.call("POST", "/v1/bootstrap/close", "/v1/bootstrap/close",
                 "{" + fresh_for("bootstrap.close"), 200);

  // Those that need a person with a PIN, a card (provisioning.cpp, card_renewal.cpp), a browser,
  // servers elsewhere, a signed BLOB, or never end: other tests hold them.
  const std::set<std::string> elsewhere = {"post /v1/interactions/{id}",
                                           "post /v1/devices/{id}/items",
                                           "post /v1/devices/{id}/provision",
                                           "post /v1/authenticators/{id}/renew",
                                           "post /v1/cards/{serial}/reveal",
                                           "get /v1/devices/events",
                                           "post /v1/webauthn/registrations/{id}",
                                           "post /v1/sign-ins/{id}/authentications",
                                           "post /v1/sign-ins/{id}/authentications/{challenge}",
                                           "post /v1/sign-ins/{id}/registrations",
                                           "post /v1/sign-ins/{id}/registrations/{challenge}",
                                           "post /v1/attestation/metadata",
                                           "post /v1/enrollments/validated-elsewhere",
                                           "post /v1/sign-ins/{id}/tap",
                                           "post /v1/sign-ins/{id}/code",
                                           "post /v1/fresh-verifications/tap",
                                           "get /v1/auth"};
  api.called.insert(elsewhere.begin(), elsewhere.end());
  // Each documented route was called well, and every page of JSON knows no other.
  for (const auto& [path, operations] : api.document.at("paths").as_object())
    for (const auto& [method, operation] : operations.as_object())
      BOOST_TEST(api.called.contains(std::string(method) + " " + std::string(path)),
                 method << " " << path);
  BOOST_TEST(daemon.call("GET", "/v1/nothing").status == 404);
  BOOST_TEST(daemon.call("DELETE", "/v1/users/alice").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
