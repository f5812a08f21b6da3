// SPDX-License-Identifier: Apache-2.0
// Everything that a card says and the reader parses: CHUID, discovery, certificate objects with
// gzip, keys in certificates; OpenPGP's application data, historical bytes and public keys.
#include "devices/smartcard/base/public_key_info.h"
#include "devices/smartcard/openpgp/application_data.h"
#include "devices/smartcard/piv/objects.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::devices::smartcard;
using countersign::formats::fuzz::must_hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto chuid = piv::parse_chuid(input))
    must_hold((chuid->guid.empty() || chuid->guid.size() == 16) &&
              (chuid->fasc_n.empty() || chuid->fasc_n.size() == 25));
  (void)piv::prefers_global_pin(input);
  if (const auto certificate = piv::parse_certificate(input)) {
    must_hold(certificate->size() <= piv::longest_certificate);
    if (const auto info = key_info_of(*certificate)) (void)type_of(*info);
  }
  if (const auto info = key_info_of(input)) must_hold(info->size() <= size);
  (void)type_of(input);
  (void)openpgp::parse_historical(input);
  const auto about = openpgp::parse_application_data(input);
  for (const openpgp::AuthenticationKey& key :
       {openpgp::AuthenticationKey{.rsa = true},
        openpgp::AuthenticationKey{.rsa = false, .curve = KeyType::p384},
        about ? about->authentication : openpgp::AuthenticationKey{}})
    if (const auto info = openpgp::parse_public_key(input, key)) (void)type_of(*info);
  return 0;
}
