// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/nouns.h"
#include "cli/secrets.h"
#include "core/text.h"

namespace countersign::cli {
namespace {

struct Options {
  std::string user, code, code_file, service;
};

Result<Secret> code_from(const Options& options) {
  if (!options.code.empty()) return Secret(options.code);
  if (!options.code_file.empty()) return read_secret(options.code_file);
  return ask("Code: ", false);
}

std::string words_for(const api::VerifyResult& result) {
  const auto reason = from_name<Reason>(result.reason).value_or(Reason::denied);
  switch (reason) {
    case Reason::none: return "verified";
    case Reason::denied: return "the code was not accepted";
    case Reason::unknown_user: return "there is no such user";
    case Reason::user_suspended: return "the user is suspended";
    case Reason::no_factor: return "the user has no authenticator for such a code; 'countersign enroll' binds one";
    case Reason::wrong_code: return "the code is wrong";
    case Reason::used_code: return "the code was used already; wait for the next one";
    case Reason::throttled:
      return "too many wrong codes" + (result.retry_at ? "; codes are let through again at " + api::to_rfc3339(*result.retry_at) : std::string()) +
             ". Security keys and cards work; 'countersign user reopen' ends the wait";
    case Reason::restored_store: return "an old copy of the store was put back; an administrator has to accept it with 'countersign store resync'";
    case Reason::clock: return "the clock of this machine jumped or is behind; set it right, or accept it with 'countersign store resync'";
    case Reason::unavailable: return "the verification could not be recorded, so it does not count; is the disk full?";
  }
  std::unreachable();
}

void run(Front& front, const Options& options) {
  Result<Secret> code = code_from(options);
  if (!code) return front.fail_with(code.error());
  api::VerifyRequest request{.user = options.user, .code = std::move(*code), .service = {}};
  if (!options.service.empty()) request.service = options.service;
  const auto result = front.call<api::VerifyResult>("POST", "/v1/verifications", request);
  if (!result) return front.fail_with(result.error());
  front.out().object(front.answer());
  const std::string user = escape_text(result->user);
  if (result->verdict == "verified") {
    front.out().good(fmt::format("verified: {} by {} {}", user, result->kind ? to_name(*result->kind) : "", result->authenticator));
    return;
  }
  front.exit = Exit::denied;
  front.out().bad(fmt::format("denied: {}: {}", user, words_for(*result)));
}

}  // namespace

void add_verify(CLI::App& noun, Front& front) {
  auto options = std::make_shared<Options>();
  noun.add_option("--user", options->user, "Name of the user")->required();
  auto* code = noun.add_option("--code", options->code, "The code; asked for when it is not given");
  noun.add_option("--code-file", options->code_file, "File with the code; - is standard input")->excludes(code);
  noun.add_option("--service", options->service, "What the user wants to get into, for the record and the verifier's rule");
  noun.callback([&front, options] { run(front, *options); });
}

}  // namespace countersign::cli
