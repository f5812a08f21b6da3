// SPDX-License-Identifier: Apache-2.0
// What people type, and text that is shown, logged or put into JSON.
#include "core/audit.h"
#include "core/base/id.h"
#include "core/base/text.h"
#include "core/factors/typed_code.h"
#include "core/user.h"
#include "daemon/api/codec/time_text.h"

using namespace countersign;

namespace {

void require(bool held) {
  if (!held) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto code = parse_code(text))
    require(code->text.size() >= 6 &&
            code->text.size() <= (code->form == CodeForm::yubico_otp ? longest_typed_code : 16));
  if (const auto id = id_from_text(text)) require(id_from_text(to_text(*id)) == id);
  if (const auto time = api::from_rfc3339(text))
    require(api::from_rfc3339(api::to_rfc3339(*time)) == time);
  const std::string shown = escape_text(text);
  require(shown.find_first_of("\n\r\x1b") == std::string::npos);
  require(require_plain_text("text", text, size).has_value() == (shown == text));
  const std::string line = audit::to_line(
      {.time = from_unix_ms(1'700'000'000'000), .action = "x", .user = std::string(text)});
  require(line.find('\n') == std::string::npos &&
          audit::time_of(line) == from_unix_ms(1'700'000'000'000));
  (void)audit::time_of(text);
  (void)validate(
      User{.name = std::string(text), .phone = std::string(text), .email = std::string(text)});
  return 0;
}
