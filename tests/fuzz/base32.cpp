// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base32.h"

#include "core/encoding/base64.h"
#include "core/encoding/hex.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const auto decoded = base32_decode(text)) {
    const auto again = base32_decode(base32_encode(decoded->expose()).expose_text());
    fuzz::must_hold(again && equal_constant_time(again->expose(), decoded->expose()));
  }
  (void)base64_decode(text);
  (void)hex_decode(text);
  return 0;
}
