// SPDX-License-Identifier: Apache-2.0
// What parses is as JSON says; built again from its parts it parses to the same.
#include "core/webauthn/client_data.h"

#include "core/encoding/base64url.h"
#include "core/webauthn/client.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::webauthn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_client_data({data, size});
  if (!parsed) return 0;
  const auto challenge = formats::base64url_decode(parsed->challenge);
  if (!challenge) return 0;
  const auto top =
      parsed->top_origin ? std::optional<std::string_view>(*parsed->top_origin) : std::nullopt;
  const std::string built = build_client_data({.type = parsed->type,
                                               .challenge = *challenge,
                                               .origin = parsed->origin,
                                               .cross_origin = parsed->cross_origin,
                                               .top_origin = top});
  if (built.size() > longest_client_data) return 0;
  const auto again = parse_client_data(as_bytes(built));
  formats::fuzz::must_hold(
      again && again->type == parsed->type && again->challenge == parsed->challenge &&
      again->origin == parsed->origin && again->cross_origin == parsed->cross_origin &&
      again->top_origin == parsed->top_origin);
  return 0;
}
