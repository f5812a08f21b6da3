// SPDX-License-Identifier: Apache-2.0
#include "cli/fresh.h"

#include <CLI/CLI.hpp>

#include "cli/secrets.h"
#include "cli/tap.h"
#include "daemon/api/sign_in.h"

namespace countersign::cli {
namespace {

struct TapBody {
  std::string user, change;
  static api::Fields fields() { return {api::Field{"user", &TapBody::user, ""}, api::Field{"change", &TapBody::change, ""}}; }
};

}  // namespace

void add_fresh_options(CLI::App& verb, FreshOptions& options) {
  auto* as = verb.add_option("--as", options.as, "Where the change needs it: the administrator who verifies now, for this change alone");
  auto* code = verb.add_option("--code", options.code, "With --as: a code of theirs; asked for when it is not given")->needs(as);
  verb.add_option("--code-file", options.code_file, "With --as: file with the code; - is standard input")->needs(as)->excludes(code);
  verb.add_flag("--tap", options.tap, "With --as: by their security key at this machine")->needs(as)->excludes(code);
  verb.add_flag("--recovery", options.recovery, "Root on this machine, when no administrator can verify: goes without, and the record shows it")->excludes(as);
}

Result<std::optional<std::string>> verify_freshly(Front& front, const std::string& change, const FreshOptions& options) {
  if (options.as.empty()) return std::nullopt;
  if (options.tap) {
    const TapSession session(front, {});
    const auto fresh = front.call<api::FreshResult>("POST", "/v1/fresh-verifications/tap", TapBody{.user = options.as, .change = change});
    if (!fresh) return std::unexpected(fresh.error());
    return fresh->id;
  }
  Result<Secret> code = !options.code.empty() ? Secret(options.code) : !options.code_file.empty() ? read_secret(options.code_file) : ask("Code of " + options.as + ": ", false);
  if (!code) return std::unexpected(code.error());
  const auto fresh = front.call<api::FreshResult>("POST", "/v1/fresh-verifications", api::FreshRequest{.user = options.as, .change = change, .code = std::move(*code)});
  if (!fresh) return std::unexpected(fresh.error());
  return fresh->id;
}

}  // namespace countersign::cli
