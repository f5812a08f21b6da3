// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/client.h"

#include <fmt/format.h>

#include <iterator>

#include "core/encoding/base64url.h"

namespace countersign::webauthn {
namespace {

// CCDToString (§5.8.1.2) of text that is UTF-8.
void append_ccd(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text)
    if (c == '"')
      out += "\\\"";
    else if (c == '\\')
      out += "\\\\";
    else if (static_cast<Byte>(c) < 0x20)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  out += '"';
}

}  // namespace

std::string build_client_data(const ClientDataToBuild& data) {
  std::string out = "{\"type\":";
  append_ccd(out, data.type);
  out += ",\"challenge\":";
  append_ccd(out, formats::base64url(data.challenge));
  out += ",\"origin\":";
  append_ccd(out, data.origin);
  out += ",\"crossOrigin\":";
  out += data.cross_origin ? "true" : "false";
  if (data.top_origin) {
    out += ",\"topOrigin\":";
    append_ccd(out, *data.top_origin);
  }
  return out += '}';
}

}  // namespace countersign::webauthn
