// SPDX-License-Identifier: Apache-2.0
#include "cli/fresh.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/secrets.h"
#include "cli/tap.h"
#include "core/base/text.h"
#include "daemon/api/sign_in.h"

namespace countersign::cli {
namespace {

struct TapBody {
  std::string user, change;
  static api::Fields fields() {
    return {api::Field{"user", &TapBody::user, ""}, api::Field{"change", &TapBody::change, ""}};
  }
};

}  // namespace

void add_fresh_options(Command& verb, FreshOptions& options, OwnCode own_code) {
  const std::string prefix = own_code == OwnCode::yes ? "--as-" : "--";
  auto* as = verb.add_option("--as", options.as,
                             "Who verifies for this change, where it needs a fresh verification: "
                             "you; for root, any administrator");
  auto* code = verb.add_option(prefix + "code", options.code,
                               "With --as: a code of theirs; asked for when it is not given")
                   ->needs(as);
  verb.add_option(prefix + "code-file", options.code_file,
                  "With --as: file with the code; - is standard input")
      ->needs(as)
      ->excludes(code);
  verb.add_flag(prefix + "tap", options.tap, "With --as: by their security key at this machine")
      ->needs(as)
      ->excludes(code);
  verb.add_flag("--recovery", options.recovery,
                "Root on this machine, when no administrator can verify: goes without, and the "
                "record shows it")
      ->excludes(as);
}

Result<std::optional<std::string>> verify_freshly(Front& front, const std::string& change,
                                                  const FreshOptions& options) {
  std::string as = options.as;
  if (as.empty()) {
    if (front.json || !front.out().terminal() || isatty(STDIN_FILENO) != 1 || options.recovery)
      return std::nullopt;
    front.out().note("This change needs a fresh verification of an administrator: " +
                     escape_text(change));
    const Secret name = TRY(ask("Your user name (Enter: cancel): ", false));
    if (name.empty()) return std::nullopt;
    as = name.expose_text();
  }
  if (options.tap) {
    const TapSession session(front, {});
    const auto fresh = TRY(front.call<api::FreshResult>("POST", "/v1/fresh-verifications/tap",
                                                        TapBody{.user = as, .change = change}));
    return fresh.id;
  }
  Result<Secret> code =
      !options.code.empty() ? Secret(options.code)
      : !options.code_file.empty()
          ? read_secret(options.code_file)
          : ask("Code of " + as + ": ", false,
                "their code with --code or --as-code, or use their key with --tap or --as-tap");
  if (!code) return std::unexpected(code.error());
  const auto fresh = TRY(front.call<api::FreshResult>(
      "POST", "/v1/fresh-verifications",
      api::FreshRequest{.user = as, .change = change, .code = std::move(*code)}));
  return fresh.id;
}

}  // namespace countersign::cli
