// SPDX-License-Identifier: Apache-2.0
// A key that is taken comes back from its own encoding, and verifies nothing that is not a
// signature.
#include "core/crypto/cose.h"

#include "tests/fuzz/input.h"

using namespace countersign;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = crypto::public_key_from_cose({data, size});
  if (!key) return 0;
  const auto again = crypto::public_key_from_cose(crypto::to_cose(*key));
  formats::fuzz::must_hold(again && again->same_key(*key) &&
                           again->algorithm() == key->algorithm());
  (void)key->verify(BytesView(data, size), BytesView(data, size));
  return 0;
}
