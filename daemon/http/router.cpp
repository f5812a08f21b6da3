// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/router.h"

#include <algorithm>
#include <utility>

namespace countersign::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view next_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

// Segment by segment; a {name} takes one that is not empty.
bool match(std::string_view pattern, std::string_view path, api::Texts& texts) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view want = next_segment(pattern);
    const std::string_view have = next_segment(path);
    if (want.starts_with('{')) {
      auto value = percent_decode(have);
      if (!value || value->empty()) return false;
      texts.emplace_back(want.substr(1, want.size() - 2), std::move(*value));
    } else if (want != have) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

Result<void> add_query(std::string_view query, api::Texts& texts) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals));
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value || name->empty())
      return fail(Code::invalid, "the query of the URL is malformed");
    if (std::ranges::find(texts, *name, &std::pair<std::string, std::string>::first) != texts.end())
      return std::unexpected(api::field_error(*name, "is given twice"));
    texts.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::patch:
      return "PATCH";
    case Method::put:
      return "PUT";
  }
  std::unreachable();
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

Router::Found Router::find(std::string_view method, std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  bool path_known = false;
  for (const Route& route : routes_) {
    api::Texts texts;
    if (!match(route.path, path, texts)) continue;
    path_known = true;
    if (method != name_of(route.method)) continue;
    if (path.size() < target.size())
      if (auto held = add_query(target.substr(path.size() + 1), texts); !held)
        return {.problem = held.error()};
    return {.route = &route, .texts = std::move(texts)};
  }
  if (path_known)
    return {
        .problem = {Code::invalid,
                    "this path does not take that method; /v1/openapi.json lists what there is"}};
  return {.problem = {Code::not_found, "no such path; /v1/openapi.json lists what there is"}};
}

}  // namespace countersign::http
