// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/authenticator_data.h"

#include "core/encoding/cbor.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::webauthn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_authenticator_data({data, size});
  if (!parsed) return 0;
  formats::fuzz::must_hold(parsed->flags.attested() == parsed->credential.has_value());
  formats::fuzz::must_hold(parsed->flags.extensions() == (parsed->extensions.map() != nullptr));
  if (parsed->credential) {
    const AttestedCredential& credential = *parsed->credential;
    formats::fuzz::must_hold(!credential.id.empty() &&
                             formats::cbor::parse(credential.public_key).has_value());
    formats::fuzz::must_hold(37 + 18 + credential.id.size() + credential.public_key.size() <= size);
  }
  return 0;
}
