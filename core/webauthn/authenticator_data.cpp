// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/authenticator_data.h"

#include <algorithm>
#include <string>

namespace countersign::webauthn {
namespace {

constexpr formats::cbor::Limits limits{.depth = 4, .items = 512};

std::unexpected<Error> bad_data(std::string_view why) {
  return fail(Code::corrupt, "the authenticator data " + std::string(why));
}

// A CBOR map off the front.
Result<formats::cbor::Value> take_map(BytesView& rest, Bytes* as_it_came) {
  auto prefix = formats::cbor::parse_prefix(rest, limits);
  if (!prefix) return bad_data("holds CBOR that can't be taken: " + prefix.error().what);
  if (prefix->value.map() == nullptr)
    return bad_data("holds something else where a CBOR map belongs");
  if (as_it_came != nullptr)
    as_it_came->assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(prefix->size));
  rest = rest.subspan(prefix->size);
  return std::move(prefix->value);
}

Result<AttestedCredential> take_credential(BytesView& rest) {
  AttestedCredential credential;
  if (rest.size() < credential.aaguid.size() + 2) return bad_data("is cut off");
  std::ranges::copy(rest.first(credential.aaguid.size()), credential.aaguid.begin());
  const std::size_t size = static_cast<std::size_t>(rest[16]) << 8U | rest[17];
  rest = rest.subspan(18);
  if (size == 0) return bad_data("has an empty credential id");
  if (size > rest.size()) return bad_data("is cut off");
  credential.id.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  rest = rest.subspan(size);
  const auto key = TRY(take_map(rest, &credential.public_key));
  return credential;
}

}  // namespace

Result<AuthenticatorData> parse_authenticator_data(BytesView data) {
  if (data.size() > longest_authenticator_data) return bad_data("is too long");
  AuthenticatorData parsed;
  if (data.size() < parsed.rp_id_hash.size() + 5) return bad_data("is cut off");
  std::ranges::copy(data.first(32), parsed.rp_id_hash.begin());
  parsed.flags.bits = data[32];
  for (const Byte byte : data.subspan(33, 4)) parsed.counter = parsed.counter << 8U | byte;
  BytesView rest = data.subspan(37);
  if (parsed.flags.attested()) {
    auto credential = TRY(take_credential(rest));
    parsed.credential = std::move(credential);
  }
  if (parsed.flags.extensions()) {
    auto extensions = TRY(take_map(rest, nullptr));
    parsed.extensions = std::move(extensions);
  }
  if (!rest.empty()) return bad_data("goes on after its end");
  return parsed;
}

}  // namespace countersign::webauthn
