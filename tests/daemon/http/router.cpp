// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/router.h"

#include <boost/test/unit_test.hpp>

#include "daemon/api/problem.h"
#include "daemon/api/users.h"
#include "daemon/api/verification.h"

using namespace countersign;
using http::Method;

namespace {

http::Route row(Method method, const std::string& path) {
  return http::make_route<api::Nothing, api::Nothing>(
      {.method = method, .path = path, .summary = {}, .failures = {}, .handle = {}});
}

struct Fixture {
  http::Router router{[] {
    std::vector<http::Route> rows;
    rows.push_back(row(Method::get, "/v1/users"));
    rows.push_back(row(Method::post, "/v1/users"));
    rows.push_back(row(Method::get, "/v1/users/{name}"));
    rows.push_back(row(Method::post, "/v1/users/{name}/reset"));
    return rows;
  }()};
  std::string found(std::string_view method, std::string_view target) {
    const auto found = router.find(method, target);
    if (found.route == nullptr) return found.problem.code == Code::not_found ? "none" : "bad";
    std::string text = found.route->path;
    for (const auto& [name, value] : found.texts) text += " " + name + "=" + value;
    return text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(router, Fixture)

BOOST_AUTO_TEST_CASE(paths) {
  BOOST_TEST(found("GET", "/v1/users") == "/v1/users");
  BOOST_TEST(found("GET", "/v1/users/al%20ice") == "/v1/users/{name} name=al ice");
  BOOST_TEST(found("POST", "/v1/users/alice/reset") == "/v1/users/{name}/reset name=alice");
  for (const char* target : {"/v1/users/", "/v1/users//reset", "/v1/users/alice/reset/x", "/v1", "",
                             "/", "v1/userss", "/v1/users/alice/rese"})
    BOOST_TEST(found("GET", target) == "none", target);
  BOOST_TEST(found("POST", "/v1/users/alice") == "bad");
  BOOST_TEST(found("DELETE", "/v1/users") == "bad");
}

BOOST_AUTO_TEST_CASE(queries) {
  BOOST_TEST(found("GET", "/v1/users?limit=5&after=a%26b") == "/v1/users limit=5 after=a&b");
  BOOST_TEST(found("GET", "/v1/users?") == "/v1/users");
  BOOST_TEST(found("GET", "/v1/users?flag") == "/v1/users flag=");
  for (const char* target : {"/v1/users?a=1&a=2", "/v1/users?%zz=1", "/v1/users?a=%0",
                             "/v1/users?a=%00", "/v1/users?=1", "/v1/users/alice?name=bob"})
    BOOST_TEST(found("GET", target) == "bad", target);
}

BOOST_AUTO_TEST_CASE(a_body_can_not_overrule_the_path) {
  const auto decoded =
      api::decode<api::UserSet>(R"({"name":"bob","phone":""})", {{"name", "alice"}});
  BOOST_TEST_REQUIRE(!decoded.has_value());
  BOOST_TEST(decoded.error().what.find("'name'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(fields_are_named_when_they_are_wrong) {
  const auto message = [](std::string_view body) {
    return api::decode<api::VerifyRequest>(body).error().what;
  };
  BOOST_TEST(message("{}") == "field 'code' is missing");
  BOOST_TEST(message(R"({"user":"a","code":"1","cod":"2"})") == "field 'cod' is not known here");
  BOOST_TEST(message(R"({"user":7,"code":"1"})") == "field 'user' must be a string");
  BOOST_TEST(message(R"({"user":"a\u0000b","code":"1"})") == "field 'user' holds a NUL character");
  BOOST_TEST(message(R"({"user":"a","code":")" + std::string(161, '1') + "\"}") ==
             "field 'code' is longer than 160 bytes");
  BOOST_TEST(message("[]") == "the body must be one JSON object");
  BOOST_TEST(message(std::string(100, '[')).starts_with("not valid JSON at byte"));
}

BOOST_AUTO_TEST_SUITE_END()
