// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/client_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "core/encoding/base64url.h"
#include "core/encoding/json.h"

namespace countersign::webauthn {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad_client_data(std::string_view why) {
  return fail(Code::corrupt, fmt::format("the client data {}", why));
}

bool one_of(const std::vector<std::string>& known, std::string_view text) {
  return std::ranges::find(known, text) != known.end();
}

Result<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string())
    return bad_client_data(fmt::format("has no text \"{}\"", name));
  return std::string(member->get_string());
}

}  // namespace

Result<ClientData> parse_client_data(BytesView json_bytes) {
  std::string_view text = as_text(json_bytes);
  if (text.size() > longest_client_data)
    return bad_client_data(fmt::format("is longer than {} bytes", longest_client_data));
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);  // UTF-8 decode takes a mark off (Encoding §6)
  std::array<unsigned char, 4096> buffer;
  json::monotonic_resource memory(buffer.data(), buffer.size());
  const Result<json::value> value = formats::parse_json(text, 8, &memory);
  if (!value) return bad_client_data("can't be read: " + value.error().what);
  const json::object* object = value->if_object();
  if (object == nullptr) return bad_client_data("is no JSON object");
  auto type = text_member(*object, "type");
  auto challenge = text_member(*object, "challenge");
  auto origin = text_member(*object, "origin");
  for (const auto* member : {&type, &challenge, &origin})
    if (!*member) return std::unexpected(member->error());
  ClientData data{
      .type = std::move(*type), .challenge = std::move(*challenge), .origin = std::move(*origin)};
  if (const json::value* cross = object->if_contains("crossOrigin")) {
    if (!cross->is_bool())
      return bad_client_data("has a \"crossOrigin\" that is neither true nor false");
    data.cross_origin = cross->get_bool();
  }
  if (const json::value* top = object->if_contains("topOrigin")) {
    if (!top->is_string()) return bad_client_data("has a \"topOrigin\" that is not text");
    data.top_origin.emplace(top->get_string());
  }
  return data;
}

bool judge_client_data(BytesView json_bytes, std::string_view type, BytesView challenge,
                       const RelyingParty& rp, Report& report) {
  const auto data = parse_client_data(json_bytes);
  if (!data) return report.note(Step::client_data, false, data.error().what);
  const bool embedded = data->cross_origin || data->top_origin.has_value();
  return report.note(Step::client_data, true) && report.note(Step::type, data->type == type) &&
         report.note(Step::challenge, data->challenge == formats::base64url(challenge)) &&
         report.note(Step::origin, one_of(rp.origins, data->origin)) &&
         report.note(Step::cross_origin, !embedded || rp.allow_cross_origin) &&
         report.note(Step::top_origin, !data->top_origin || !rp.allow_cross_origin ||
                                           one_of(rp.top_origins, *data->top_origin));
}

}  // namespace countersign::webauthn
