// SPDX-License-Identifier: Apache-2.0
// Whatever parses must come back the same from its canonical form, whose size is never larger.
#include "core/encoding/cbor.h"

#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = cbor::parse_prefix({data, size});
  const auto whole = cbor::parse({data, size});
  fuzz::must_hold(whole.has_value() == (first.has_value() && first->size == size));
  if (!first) return 0;
  fuzz::must_hold(first->size > 0 && first->size <= size);
  const Bytes canonical = cbor::encode(first->value);
  fuzz::must_hold(canonical.size() <= first->size);
  const auto again = cbor::parse(canonical);
  fuzz::must_hold(again.has_value() && cbor::encode(*again) == canonical);
  return 0;
}
