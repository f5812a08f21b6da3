// SPDX-License-Identifier: Apache-2.0
#include "core/formats/yubikey_csv.h"

#include "tests/fuzz/input.h"

using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Checked<TokenRecord, bool (*)(const TokenRecord&)> sink(
      [](const TokenRecord& record) { return validate(record).has_value(); });
  Tally tally;
  (void)import_yubikey_csv(fuzz::source_of(data, size), sink, tally);
  sink.finish(tally);
  return 0;
}
