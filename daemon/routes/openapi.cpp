// SPDX-License-Identifier: Apache-2.0
#include "daemon/routes/openapi.h"

#include <map>

#include "core/base/text.h"
#include "daemon/api/problem.h"
#include "daemon/http/router.h"

namespace countersign::routes {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

bool in_path(const http::Route& route, std::string_view field) {
  return route.path.find("{" + std::string(field) + "}") != std::string::npos;
}

std::string parameters_of(const http::Route& route) {
  std::string out;
  for (const api::Field& field : route.request->fields) {
    const bool path = in_path(route, field.name);
    if (!path && route.method != http::Method::get) continue;
    out += (out.empty() ? "" : ",") + std::string("{\"name\":") + quoted(field.name) +
           ",\"in\":\"" + (path ? "path" : "query") +
           "\",\"required\":" + (path || field.required() ? "true" : "false") +
           ",\"description\":" + quoted(field.about) + ",\"schema\":" + field.schema() + "}";
  }
  return out;
}

std::string body_of(const http::Route& route) {
  if (route.method == http::Method::get) return {};
  if (route.raw)
    return R"(,"requestBody":{"required":true,"content":{"application/octet-stream":{"schema":{"type":"string","format":"binary"}}}})";
  api::Shape body;
  for (const api::Field& field : route.request->fields)
    if (!in_path(route, field.name)) body.fields.push_back(field);
  if (body.fields.empty()) return {};
  return R"(,"requestBody":{"required":true,"content":{"application/json":{"schema":)" +
         api::object_schema(body) + "}}}";
}

std::string responses_of(const http::Route& route) {
  std::string out;
  for (const int status : route.statuses) {
    out += (out.empty() ? "\"" : ",\"") + std::to_string(status) + "\":";
    if (status == 200 && route.stream)
      out +=
          R"({"description":"Events, a line each, and then one line: the answer, or an event 'problem'","content":{"application/x-ndjson":{"schema":)" +
          api::object_schema(*route.response) + R"(,"x-event":)" +
          api::object_schema(*route.event) + "}}}";
    else if (status == 200)
      out += R"({"description":"Done","content":{"application/json":{"schema":)" +
             api::object_schema(*route.response) + "}}}";
    else
      out +=
          R"({"description":"See detail","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}})";
  }
  return out;
}

std::string operation_of(const http::Route& route) {
  return "{\"summary\":" + quoted(route.summary) +
         ",\"x-privilege\":" + quoted(to_name(route.privilege)) + ",\"parameters\":[" +
         parameters_of(route) + "]" + body_of(route) + ",\"responses\":{" + responses_of(route) +
         "}}";
}

std::string lower(std::string_view method) {
  std::string out(method);
  for (char& c : out) c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::string openapi_document(const std::vector<http::Route>& routes, const std::string& version) {
  std::map<std::string, std::string> paths;
  for (const http::Route& route : routes) {
    std::string& operations = paths[route.path];
    operations += (operations.empty() ? "" : ",") + quoted(lower(http::name_of(route.method))) +
                  ":" + operation_of(route);
  }
  std::string document =
      R"({"openapi":"3.1.0","info":{"title":"Countersign","version":)" + quoted(version) +
      R"(,"description":"Who the caller is comes from the Unix socket's peer credentials; x-privilege says what a row asks of it. A verdict is status 200, whatever it says."},"paths":{)";
  bool first = true;
  for (const auto& [path, operations] : paths)
    document += (std::exchange(first, false) ? "" : ",") + quoted(path) + ":{" + operations + "}";
  return document + R"(},"components":{"schemas":{"Problem":)" +
         api::object_schema(api::shape_of<api::Problem>()) + "}}}";
}

http::Route openapi_route(Services& services) {
  http::Route route =
      http::make_route<api::Nothing, api::Nothing>({.method = http::Method::get,
                                                    .path = "/v1/openapi.json",
                                                    .privilege = http::Privilege::anyone,
                                                    .summary = "This document",
                                                    .failures = {},
                                                    .handle = {}});
  route.handle = [&services](const http::RawCall&, http::Respond respond) {
    respond({.status = 200, .body = {}, .shared = services.openapi});
  };
  return route;
}

}  // namespace countersign::routes
