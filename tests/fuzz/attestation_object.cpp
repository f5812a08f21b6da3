// SPDX-License-Identifier: Apache-2.0
// The whole judgement of a registration over a hostile attestation object: nothing is accepted that
// asks for a root, as none is given.
#include "core/webauthn/client.h"
#include "core/webauthn/client_data.h"
#include "core/webauthn/registration.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::webauthn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const RelyingParty rp{.id = "example.org", .origins = {"https://example.org"}};
  static const Bytes challenge(32, 0x07);
  static const std::string client_data = build_client_data(
      {.type = type_create, .challenge = challenge, .origin = "https://example.org"});
  const auto judge = [&](AttestationRule rule, Extent extent) {
    return judge_registration({as_bytes(client_data), {data, size}, {}},
                              {.rp = rp,
                               .challenge = challenge,
                               .algorithms = {},
                               .attestation = {.rule = rule},
                               .registered = {},
                               .now = from_unix_ms(1'760'000'000'000)},
                              extent);
  };
  formats::fuzz::must_hold(!judge(AttestationRule::trusted, Extent::first_failure).credential);
  const auto first = judge(AttestationRule::any, Extent::first_failure);
  const auto all = judge(AttestationRule::any, Extent::all);
  formats::fuzz::must_hold(first.credential == all.credential &&
                           first.report.refused() == all.report.refused());
  if (first.credential)
    formats::fuzz::must_hold(decode_credential(encode(*first.credential)).value() ==
                             *first.credential);
  return 0;
}
