// SPDX-License-Identifier: Apache-2.0
#include "core/formats/otpauth.h"

#include "tests/fuzz/input.h"

using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Checked<TokenRecord, bool (*)(const TokenRecord&)> sink([](const TokenRecord& record) {
    // Phones need a name, and a colon parts issuer and account for them: such records are read,
    // never written.
    const bool is_writable = !record.label.empty() && !record.issuer.contains(':') &&
                             !(record.issuer.empty() && record.label.contains(':'));
    if (!is_writable) return validate(record).has_value();
    // What is written reads the same again.
    const auto uri = make_otpauth({record.issuer, record.label}, record.kind, record.oath,
                                  record.counter, record.secret);
    if (!uri) return false;
    const auto again = parse_otpauth(uri->expose_text());
    return again && again->label == record.label && again->issuer == record.issuer &&
           again->oath == record.oath && again->counter == record.counter;
  });
  Tally tally;
  (void)import_otpauth(fuzz::source_of(data, size), sink, tally);
  sink.finish(tally);
  return 0;
}
