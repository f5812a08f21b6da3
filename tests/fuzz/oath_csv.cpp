// SPDX-License-Identifier: Apache-2.0
#include "core/formats/oath_csv.h"
#include "core/formats/foreign.h"

#include "tests/fuzz/input.h"

using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Sink = fuzz::Checked<TokenRecord, bool (*)(const TokenRecord&)>;
  const auto valid = [](const TokenRecord& record) { return validate(record).has_value(); };
  Sink sink(valid);
  Tally tally;
  (void)import_oath_csv(fuzz::source_of(data, size), sink, tally);
  sink.finish(tally);
  Sink without_header(valid);
  tally = {};
  (void)import_oath_csv_without_header(fuzz::source_of(data, size), usual_columns, without_header,
                                       tally);
  without_header.finish(tally);
  (void)advice_on({reinterpret_cast<const char*>(data), size}, "tokens-csv");
  return 0;
}
