// SPDX-License-Identifier: Apache-2.0
// What is read can be made again, and reads the same.
#include "core/encoding/ber_tlv.h"

#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto items = tlv::read({data, size});
  if (!items) return 0;
  Bytes made;
  for (const tlv::Item& each : *items) tlv::append(made, each.tag, each.content);
  fuzz::must_hold(made.size() <= size);
  const auto again = tlv::read(made);
  fuzz::must_hold(again.has_value() && again->size() == items->size());
  for (std::size_t i = 0; i < items->size(); ++i)
    fuzz::must_hold((*again)[i].tag == (*items)[i].tag &&
                    std::ranges::equal((*again)[i].content, (*items)[i].content));
  return 0;
}
