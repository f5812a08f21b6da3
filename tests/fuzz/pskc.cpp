// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc.h"

#include "core/encoding/hex.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::formats;

namespace {

bool valid(const TokenRecord& record) { return validate(record).has_value(); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (text.contains("0000</")) return 0;  // iteration counts that only take time
  static const PskcKeys keys[] = {
      {}, {Secret("qwerty"), {}}, {{}, std::move(*hex_decode("12345678901234567890123456789012"))}};
  for (const PskcKeys& key : keys) {
    fuzz::Checked<TokenRecord, bool (*)(const TokenRecord&)> sink(&valid);
    Tally tally;
    (void)import_pskc(fuzz::source_of(data, size), key, from_unix_ms(1'780'000'000'000), sink,
                      tally);
    sink.finish(tally);
  }
  return 0;
}
