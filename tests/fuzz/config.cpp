// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::Config config;
  (void)countersign::apply_toml({reinterpret_cast<const char*>(data), size}, "fuzz.toml", config);
  return 0;
}
