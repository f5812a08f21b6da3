// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/nouns.h"
#include "cli/secrets.h"
#include "cli/tap.h"
#include "core/base/text.h"
#include "core/verdict.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/codes.h"
#include "daemon/api/tap.h"
#include "daemon/api/token_words.h"
#include "daemon/api/verification.h"

namespace countersign::cli {
namespace {

struct VerifyOptions {
  std::string user, code, code_file, service, uv, send, challenge;
  bool tap = false, watch = false;
  TapOptions tap_options;
};

Result<Secret> code_from(const VerifyOptions& options) {
  if (!options.code.empty()) return Secret(options.code);
  if (!options.code_file.empty()) return read_secret(options.code_file);
  return ask("Code: ", false, "the code with --code, or with --code-file (- is standard input)");
}

// What a token did wrong, or which step of WebAuthn its answer failed (countersign debug webauthn
// explains them).
std::string step_words(const std::string& name, std::optional<std::int64_t> retries) {
  if (api::token_code(name) != Code::internal) return api::token_words(name, retries);
  return "the key's answer is not valid (" + escape_text(name) + ")";
}

// What to do after a code that was used depends on what makes the next one.
std::string used_words(std::string_view typed) {
  constexpr std::size_t longest_backup_code = 24;  // with dashes; what YubiKeys type is longer
  if (typed.find_first_not_of("0123456789 -") == std::string_view::npos)
    return "the code was used already; wait for the next one";
  if (typed.size() <= longest_backup_code)
    return "the code was used already, and each works once; take another one";
  return "the one-time password was used already; touch the key again";
}

std::string words_for(const api::VerifyResult& result, std::string_view typed) {
  const auto reason = from_name<Reason>(result.reason);
  if (!reason && result.advice)
    return step_words(result.reason, result.retries) + ". " + escape_text(*result.advice);
  if (!reason) return step_words(result.reason, result.retries);
  switch (*reason) {
    case Reason::none:
      return "verified";
    case Reason::denied:
      return "the code was not accepted";
    case Reason::unknown_user:
      return "there is no such user";
    case Reason::user_suspended:
      return "the user is suspended";
    case Reason::no_factor:
      return "the user has no active authenticator that policy lets answer; 'countersign enroll' "
             "binds one, "
             "which counts once its first code is confirmed ('countersign enroll confirm ID')";
    case Reason::wrong_code:
      return "the code is wrong";
    case Reason::used_code:
      return used_words(typed);
    case Reason::wrong_proof:
      return "the key's answer is not valid";
    case Reason::no_challenge:
      return "the challenge was answered already, or has expired; try again";
    case Reason::unknown_token:
      return "this key is not enrolled for the user; 'countersign enroll fido2' binds it";
    case Reason::no_token:
      return api::token_words("absent");
    case Reason::timed_out:
      return api::token_words("timed-out");
    case Reason::cancelled:
      return api::token_words("cancelled");
    case Reason::token_failed:
      return api::token_words("internal");
    case Reason::throttled:
      return "too many wrong codes" +
             (result.retry_at ? "; codes are accepted again at " + api::to_rfc3339(*result.retry_at)
                              : std::string()) +
             ". Security keys and cards work; 'countersign user reopen' ends the wait";
    case Reason::restored_store:
      return "an old copy of the store was put back; an administrator has to accept it with "
             "'countersign store resync'";
    case Reason::clock:
      return "the clock of this machine jumped or is behind; set it right, or accept it with "
             "'countersign store resync'";
    case Reason::unavailable:
      return "the verification could not be recorded, so it does not count; is the disk full?";
  }
  std::unreachable();
}

void report(Front& front, const api::VerifyResult& result, std::string_view typed = {}) {
  const std::string user = escape_text(result.user);
  if (result.verdict == "verified")
    return front.out().good(
        fmt::format("verified: {} by {}{}{}", user, result.kind ? to_name(*result.kind) : "",
                    result.authenticator.empty() ? "" : " ", result.authenticator));
  const auto reason = from_name<Reason>(result.reason);
  const bool nobody = reason == Reason::no_token || reason == Reason::timed_out ||
                      reason == Reason::cancelled || result.reason == "removed";
  front.exit = nobody ? Exit::no_token : Exit::denied;
  front.out().bad(
      fmt::format("denied{}{}: {}", user.empty() ? "" : ": ", user, words_for(result, typed)));
}

void run(Front& front, const VerifyOptions& options) {
  Result<Secret> code = code_from(options);
  if (!code) return front.fail_with(code.error());
  const Secret typed = code->copy();
  api::VerifyRequest request{.user = {}, .code = std::move(*code), .service = {}, .challenge = {}};
  if (!options.user.empty()) request.user = options.user;
  if (!options.service.empty()) request.service = options.service;
  if (!options.challenge.empty()) request.challenge = options.challenge;
  const auto result = front.call<api::VerifyResult>("POST", "/v1/verifications", request);
  if (!result) return front.fail_with(result.error());
  front.out().object(front.answer());
  report(front, *result, typed.expose_text());
}

// On a terminal the person types the code that came; a script is told what to bring it with.
void send(Front& front, VerifyOptions options) {
  api::SendCodeRequest request{.user = options.user,
                               .kind = from_name<Kind>(options.send).value_or(Kind::sms),
                               .service = {}};
  if (!options.service.empty()) request.service = options.service;
  const auto sent = front.call<api::SentCode>("POST", "/v1/codes", request);
  if (!sent) return front.fail_with(sent.error());
  const bool wait = !front.json && front.out().terminal() && isatty(STDIN_FILENO) == 1;
  front.out().line(fmt::format("Code sent to {}. It expires at {}", escape_text(sent->to),
                               api::to_rfc3339(sent->expires)));
  options.challenge = sent->challenge;
  if (wait) return run(front, options);
  front.out().object(front.answer());
  front.out().line(
      fmt::format("Then: countersign verify --user {}{} --code CODE", escape_text(options.user),
                  options.service.empty() ? "" : " --service " + escape_text(options.service)));
}

constexpr int longest_wait = 600;  // seconds, what the daemon takes

bool tap_once(Front& front, const VerifyOptions& options) {
  api::TapVerifyRequest request{
      .user = {}, .service = {}, .uv = {}, .seconds = options.tap_options.seconds, .here = {}};
  if (!options.user.empty()) request.user = options.user;
  if (!options.service.empty()) request.service = options.service;
  if (!options.uv.empty()) request.uv = from_name<webauthn::UserVerification>(options.uv);
  Result<api::VerifyResult> result = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap_options);
    result = front.call<api::VerifyResult>("POST", "/v1/verifications/tap", request);
  }
  if (!result) return front.fail_with(result.error()), false;
  const bool nobody_came =
      result->reason == to_name(Reason::no_token) || result->reason == to_name(Reason::timed_out);
  if (options.watch && nobody_came) return true;
  front.out().object(front.answer());
  report(front, *result);
  return true;
}

// For kiosks: one person after the other, until the daemon is gone or somebody ends it.
void watch(Front& front, VerifyOptions options) {
  if (options.tap_options.seconds == TapOptions().seconds)
    options.tap_options.seconds = longest_wait;  // nobody comes for hours
  while (tap_once(front, options)) {
    std::fflush(stdout);
    front.exit = Exit::done;
  }
}

}  // namespace

void add_verify(Command& noun, Front& front) {
  auto options = std::make_shared<VerifyOptions>();
  noun.add_option("--user", options->user,
                  "Name of the user; may be left out where the key or card says who it is: with "
                  "--tap, and for what a YubiKey types");
  auto* code = noun.add_option("--code", options->code, "The code; asked for when it is not given");
  auto* file =
      noun.add_option("--code-file", options->code_file, "File with the code; - is standard input")
          ->excludes(code);
  noun.add_option("--service", options->service,
                  "What the user wants to get into, for the record and the verifier's rule");
  auto* send_by = noun.add_option("--send", options->send,
                                  "Send a code to the user's phone or mailbox: sms or email")
                      ->one_of({"sms", "email"})
                      ->excludes(code)
                      ->excludes(file);
  auto* challenge = noun.add_option("--challenge", options->challenge,
                                    "Of a code that was sent: only that one is tried")
                        ->excludes(send_by);
  auto* tap = noun.add_flag("--tap", options->tap, "By a security key or a card at this machine")
                  ->excludes(code)
                  ->excludes(file)
                  ->excludes(send_by)
                  ->excludes(challenge);
  noun.add_option("--uv", options->uv,
                  "What the key asks of its user: required, preferred or discouraged")
      ->needs(tap)
      ->one_of({"required", "preferred", "discouraged"});
  noun.add_flag("--watch", options->watch, "Go on with the next user, until Ctrl-C (kiosks)")
      ->needs(tap);
  add_tap_options(noun, options->tap_options);
  noun.callback([&front, options] {
    if (options->watch) return watch(front, *options);
    if (options->tap) return void(tap_once(front, *options));
    if (!options->send.empty() && options->user.empty())
      return front.fail_with({Code::invalid, "--user is missing: who gets the code?"});
    if (!options->send.empty()) return send(front, *options);
    run(front, *options);
  });
}

}  // namespace countersign::cli
