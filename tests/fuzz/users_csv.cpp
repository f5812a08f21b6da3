// SPDX-License-Identifier: Apache-2.0
#include "core/formats/users_csv.h"

#include "tests/fuzz/input.h"

using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Checked<UserRecord, bool (*)(const UserRecord&)> sink(
      [](const UserRecord& record) { return countersign::validate(record.user).has_value(); });
  Tally tally;
  (void)import_users_csv(fuzz::source_of(data, size), sink, tally);
  sink.finish(tally);
  return 0;
}
