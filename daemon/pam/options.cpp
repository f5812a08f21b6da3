// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/options.h"

#include <charconv>

#include "core/base/text.h"

namespace countersign::pam {
namespace {

constexpr std::size_t longest_service = 64;  // what the daemon takes

Result<void> take_seconds(std::string_view text, std::chrono::seconds& out) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 600)
    return fail(Code::invalid, "timeout= must be 1 to 600 seconds");
  out = std::chrono::seconds(seconds);
  return {};
}

Result<void> take(std::string_view name, std::string_view value, Options& options) {
  if (name == "socket") {
    if (!value.starts_with('/'))
      return fail(Code::invalid, "socket= must be a path that begins with /");
    options.socket = value;
  } else if (name == "failmode") {
    if (value != "deny" && value != "allow")
      return fail(Code::invalid, "failmode= must be deny or allow");
    options.fail_open = value == "allow";
  } else if (name == "first") {
    if (value == "passed")
      options.first_factor = FirstFactor::passed;
    else if (value == "publickey")
      options.first_factor = FirstFactor::public_key;
    else
      return fail(Code::invalid,
                  "first= must be passed or publickey, not '" + escape_text(value) + "'");
  } else if (name == "timeout") {
    return take_seconds(value, options.timeout);
  } else if (name == "service") {
    if (value.empty()) return fail(Code::invalid, "service= is empty");
    TRY(require_plain_text("service=", value, longest_service));
    options.service = value;
  } else if (name == "prompt") {
    TRY(require_plain_text("prompt=", value, 256));
    options.prompt = value;
  } else {
    return fail(Code::invalid, "no option '" + escape_text(name) + "='");
  }
  return {};
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> words) {
  Options options;
  for (const char* const each : words) {
    const std::string_view word(each);
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos) {
      TRY(take(word.substr(0, equals), word.substr(equals + 1), options));
    } else if (word == "try_first_pass") {
      options.first_pass = FirstPass::tried;
    } else if (word == "use_first_pass") {
      options.first_pass = FirstPass::required;
    } else if (word == "debug") {
      options.debug = true;
    } else {
      return fail(Code::invalid, "no option '" + escape_text(word) + "'");
    }
  }
  return options;
}

}  // namespace countersign::pam
