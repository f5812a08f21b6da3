// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <algorithm>

#include "cli/command.h"
#include "cli/nouns.h"
#include "cli/secrets.h"
#include "cli/tap.h"
#include "core/base/text.h"
#include "core/kind_set.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/codes.h"
#include "daemon/api/problem.h"
#include "daemon/api/sign_in.h"

namespace countersign::cli {
namespace {

struct SignInOptions {
  std::string id, user, service, primary = "none", audience, nonce, session, cookie_file, code,
                                 code_file, challenge, send, kind = "totp", to, label;
  bool here = false, elsewhere = false, not_here_remembered = false, tap = false;
  TapOptions tap_options;
};

// Bodies whose id stands in the path.
using VerifyBody = api::BodyOf<api::SignInVerify>;
using EnrollBody = api::BodyOf<api::SignInEnroll>;
struct TapBody {
  int seconds = 60;
  bool remember = true;
  static api::Fields fields() {
    return {api::Field{"seconds", &TapBody::seconds, ""},
            api::Field{"remember", &TapBody::remember, ""}};
  }
};
struct CookieBody {
  Secret cookie;
  static api::Fields fields() { return {api::Field{"cookie", &CookieBody::cookie, ""}}; }
};
struct SendBody {
  Kind kind = Kind::sms;
  static api::Fields fields() { return {api::Field{"kind", &SendBody::kind, ""}}; }
};
Exit exit_of(Decision decision) {
  switch (decision) {
    case Decision::allow:
      return Exit::done;
    case Decision::deny:
      return Exit::denied;
    case Decision::verify:
      return Exit::says_verify;
    case Decision::enroll:
      return Exit::says_enroll;
  }
  std::unreachable();
}

std::string words_of(const api::SignInResult& result) {
  std::string words =
      fmt::format("{}: {} to {} ({})", to_name(result.decision), escape_text(result.user),
                  escape_text(result.service), to_name(result.because));
  if (result.decision == Decision::verify) {
    words += ": by";
    for (const Kind kind : result.factors) words += " " + std::string(to_name(kind));
  }
  if (result.reason && !result.reason->empty())
    words += fmt::format("; the last code was not accepted: {}", *result.reason);
  if (result.retry_at)
    words += "; codes are accepted again at " + api::to_rfc3339(*result.retry_at);
  if (!result.advice.empty()) words += "; " + result.advice;
  return words;
}

// The options by which these factors answer, the strongest first.
std::string ways_to_answer(const std::vector<Kind>& factors) {
  std::vector<std::string> ways;
  for (const Kind kind : factors) {
    std::string way = token_kinds.contains(kind) ? " --tap"
                      : sent(kind)               ? " --send " + std::string(to_name(kind))
                                                 : " --code CODE";
    if (std::ranges::find(ways, way) == ways.end()) ways.push_back(std::move(way));
  }
  return fmt::format("{}", fmt::join(ways, ", or"));
}

std::string ways_to_enroll(const api::SignInResult& result) {
  std::vector<std::string> kinds;
  for (const Kind kind : result.enrollable.value_or(std::vector{Kind::totp})) {
    if (kind == Kind::fido2 || (kind == Kind::hotp && !kinds.empty())) continue;
    kinds.push_back(std::string(to_name(kind)) + (kind == Kind::sms     ? " --to NUMBER"
                                                  : kind == Kind::email ? " --to ADDRESS"
                                                                        : ""));
  }
  std::string ways = kinds.empty() ? "enrol a security key in a browser"
                                   : fmt::format("countersign sign-in enroll {} {}", result.id,
                                                 fmt::join(kinds, ", or "));
  if (result.skippable) ways += ", or countersign sign-in skip " + result.id;
  return ways;
}

void report(Front& front, const Result<api::SignInResult>& result) {
  if (!result) return front.fail_with(result.error());
  const Output out = front.out();
  out.object(front.answer());
  front.exit = exit_of(result->decision);
  if (result->decision == Decision::deny)
    out.bad(words_of(*result));
  else
    out.good(words_of(*result));
  if (result->machine)
    out.line(fmt::format("machine: {} {}{}{}", to_name(result->machine->kind),
                         result->machine->id.value_or("(new)"),
                         ", " + std::string(to_name(result->machine->state)),
                         result->machine->recognized_now ? " from now on" : ""));
  if (result->decision == Decision::verify)
    out.line("next: countersign sign-in verify " + result->id + ways_to_answer(result->factors));
  if (result->decision == Decision::enroll) out.line("next: " + ways_to_enroll(*result));
}

void begin(Front& front, const SignInOptions& options) {
  const auto if_any = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  api::SignInRequest request{.user = options.user,
                             .service = options.service,
                             .primary = from_name<Primary>(options.primary).value_or(Primary::none),
                             .audience = if_any(options.audience),
                             .nonce = if_any(options.nonce),
                             .session = if_any(options.session),
                             .cookie = {},
                             .here = {}};
  if (options.here || options.elsewhere) request.here = options.here;
  if (!options.cookie_file.empty()) {
    Result<Secret> cookie = read_secret(options.cookie_file);
    if (!cookie) return front.fail_with(cookie.error());
    request.cookie = std::move(*cookie);
  }
  report(front, front.call<api::SignInResult>("POST", "/v1/sign-ins", request));
}

void with_code(Front& front, const SignInOptions& options, std::string_view action) {
  Result<Secret> code =
      !options.code.empty() ? Secret(options.code)
      : !options.code_file.empty()
          ? read_secret(options.code_file)
          : ask("Code: ", false, "the code with --code, or with --code-file (- is standard input)");
  if (!code) return front.fail_with(code.error());
  VerifyBody body{{.id = {},
                   .code = std::move(*code),
                   .remember = !options.not_here_remembered,
                   .challenge = {}}};
  if (!options.challenge.empty()) body.challenge = options.challenge;
  report(front,
         front.call<api::SignInResult>("POST", path_of("/v1/sign-ins/", options.id, action), body));
}

// Sends the code; on a terminal the person types it right away.
void send(Front& front, SignInOptions options) {
  const auto sent =
      front.call<api::SentCode>("POST", path_of("/v1/sign-ins/", options.id, "/code"),
                                SendBody{from_name<Kind>(options.send).value_or(Kind::sms)});
  if (!sent) return front.fail_with(sent.error());
  const Output out = front.out();
  out.line(fmt::format("Code sent to {}. It expires at {}", escape_text(sent->to),
                       api::to_rfc3339(sent->expires)));
  options.challenge = sent->challenge;
  if (!front.json && out.terminal() && isatty(STDIN_FILENO) == 1)
    return with_code(front, options, "/verify");
  out.object(front.answer());
  out.line(fmt::format("Then: countersign sign-in verify {} --code CODE", options.id));
  front.exit = Exit::says_verify;
}

void verify_by_tap(Front& front, const SignInOptions& options) {
  Result<api::SignInResult> result = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap_options);
    result = front.call<api::SignInResult>(
        "POST", path_of("/v1/sign-ins/", options.id, "/tap"),
        TapBody{.seconds = options.tap_options.seconds, .remember = !options.not_here_remembered});
  }
  report(front, result);
}

void enroll(Front& front, const SignInOptions& options) {
  EnrollBody body{{.id = {},
                   .kind = from_name<api::SignInKind>(options.kind).value_or(api::SignInKind::totp),
                   .to = {},
                   .label = {},
                   .qr = {}}};
  if (!options.to.empty()) body.to = options.to;
  if (!options.label.empty()) body.label = options.label;
  const auto begun = front.call<api::EnrollResult>(
      "POST", path_of("/v1/sign-ins/", options.id, "/enrollment"), body);
  if (!begun) return front.fail_with(begun.error());
  front.out().object(front.answer());
  if (begun->otpauth) front.out().line(fmt::format("  uri     {}", begun->otpauth->expose_text()));
  if (begun->to) front.out().line(fmt::format("Code sent to {}.", escape_text(*begun->to)));
  front.out().line(
      "Not active yet. Confirm its first code, which also lets the user in: countersign sign-in "
      "confirm " +
      options.id + " --code CODE");
}

Command* verb_with_id(Command& noun, const std::string& name, const std::string& about,
                      SignInOptions& options) {
  Command* verb = noun.add_subcommand(name, about);
  verb->add_option("ID", options.id, "Id that 'sign-in begin' gave")->required();
  return verb;
}

void add_code_options(Command& verb, SignInOptions& options) {
  auto* code = verb.add_option("--code", options.code, "The code; asked for when it is not given");
  verb.add_option("--code-file", options.code_file, "File with the code; - is standard input")
      ->excludes(code);
  verb.add_flag("--not-on-this-computer", options.not_here_remembered,
                "The machine does not become recognized by it");
}

void add_begin(Command& noun, Front& front, const std::shared_ptr<SignInOptions>& options) {
  Command* verb = noun.add_subcommand(
      "begin", "Ask what a user needs to get in; exit code 0 allow, 1 deny, 10 verify, 11 enroll");
  verb->add_option("--user", options->user, "Name of the user")->required();
  verb->add_option("--service", options->service, "What the user wants to get into")->required();
  verb->add_option("--primary", options->primary, "What was checked before: none, password or sso")
      ->one_of({"none", "password", "sso"});
  verb->add_option("--audience", options->audience,
                   "For whom the receipt is; the service by default");
  verb->add_option("--nonce", options->nonce, "Comes back in the receipt");
  verb->add_option("--session", options->session,
                   "Login session at this machine, for grace (root)");
  verb->add_option("--cookie-file", options->cookie_file,
                   "File with the browser's machine value; - is standard input");
  auto* here =
      verb->add_flag("--here", options->here, "The user is at this machine's own seat (root)");
  verb->add_flag("--elsewhere", options->elsewhere, "The user is not (root)")->excludes(here);
  verb->callback([&front, options] { begin(front, *options); });
}

}  // namespace

void add_sign_in(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto options = std::make_shared<SignInOptions>();
  add_begin(noun, front, options);

  Command* verb = verb_with_id(noun, "verify", "Verify within a sign-in", *options);
  add_code_options(*verb, *options);
  verb->add_option("--challenge", options->challenge,
                   "Of a code that was sent for this sign-in: only that one is tried");
  verb->add_option("--send", options->send,
                   "Send a code for this sign-in to the user's phone or mailbox: sms or email")
      ->one_of({"sms", "email"});
  verb->add_flag("--tap", options->tap, "By a security key or a card at this machine");
  verb->callback([&front, options] {
    if (options->tap)
      verify_by_tap(front, *options);
    else if (!options->send.empty())
      send(front, *options);
    else
      with_code(front, *options, "/verify");
  });

  verb =
      verb_with_id(noun, "enroll", "Bind an authenticator within a sign-in that says so", *options);
  const std::vector<std::string> kinds{"totp", "hotp", "sms", "email"};
  verb->add_option("KIND", options->kind, "What to bind; totp by default")->one_of(kinds);
  verb->add_option("--kind", options->kind)->one_of(kinds)->hidden();
  verb->add_option(
      "--to", options->to,
      "sms and email: the user's number, like +491701234567, or address; a code is sent there");
  verb->add_option("--label", options->label, "A name for it, shown in lists");
  verb->callback([&front, options] { enroll(front, *options); });

  verb = verb_with_id(noun, "confirm", "Confirm it with its first code, which lets in", *options);
  add_code_options(*verb, *options);
  verb->callback([&front, options] { with_code(front, *options, "/enrollment/confirm"); });

  verb = verb_with_id(noun, "machine",
                      "Prove which browser it comes from; the decision may change by it", *options);
  verb->add_option("--cookie-file", options->cookie_file,
                   "File with the browser's machine value; - is standard input")
      ->required();
  verb->callback([&front, options] {
    Result<Secret> cookie = read_secret(options->cookie_file);
    if (!cookie) return front.fail_with(cookie.error());
    report(front,
           front.call<api::SignInResult>("POST", path_of("/v1/sign-ins/", options->id, "/machine"),
                                         CookieBody{std::move(*cookie)}));
  });

  verb =
      verb_with_id(noun, "skip", "Go on without a factor, where policy lets; remembered", *options);
  verb->callback([&front, options] {
    report(front, front.call<api::SignInResult>(
                      "POST", path_of("/v1/sign-ins/", options->id, "/skip"), api::Nothing{}));
  });
  verb =
      verb_with_id(noun, "show", "Show what a sign-in waits for, or how it was decided", *options);
  verb->callback([&front, options] {
    report(front, front.get<api::SignInResult>(path_of("/v1/sign-ins/", options->id)));
  });
}

}  // namespace countersign::cli
