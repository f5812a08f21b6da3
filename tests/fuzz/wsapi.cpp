// SPDX-License-Identifier: Apache-2.0
// Answers of the validation protocol, and what a YubiKey may have typed.
#include "core/formats/wsapi.h"

#include "core/factors/otp_validation.h"
#include "core/factors/yubico_otp.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::formats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parameters = wsapi::parse_answer(text)) {
    const auto again = wsapi::parse_answer(wsapi::answer_text(*parameters));
    if (!again || *again != *parameters) __builtin_trap();
    (void)wsapi::signed_text(*parameters);
  }
  // No answer holds that the key did not sign.
  static const otp_validation::Service service{.client = 1,
                                               .key = Secret("what nobody here knows")};
  const otp_validation::Question question{.otp = "vvungrrdhvtklknvrtvuvbbkeidikkvgglrvdgrfcdft",
                                          .nonce = "jrFwbaYFhn0HoxZIsd9LQ6w2ceU"};
  if (otp_validation::judge(service, question, text).said != otp_validation::Said::nothing)
    __builtin_trap();
  for (const yubico_otp::Otp& otp : yubico_otp::readings(text))
    if (otp.public_id.size() > yubico_otp::longest_public_id) __builtin_trap();
  return 0;
}
