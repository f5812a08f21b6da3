// SPDX-License-Identifier: Apache-2.0
// A metadata BLOB up to the signature (no fuzzer signs), and DER as its certificates hold it.
#include "core/webauthn/metadata.h"

#include "core/encoding/der.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::webauthn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::Certificates none;
  formats::fuzz::must_hold(!parse_metadata(as_text({data, size}),
                                           {.roots = none, .now = from_unix_ms(1'760'000'000'000)})
                                .has_value());
  (void)parse_metadata_payload({data, size}, -1);
  if (const auto items = formats::der::read({data, size}))
    for (const auto& item : *items) formats::fuzz::must_hold(item.content.size() <= size);
  return 0;
}
