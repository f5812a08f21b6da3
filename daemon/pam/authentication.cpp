// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/authentication.h"

#include <syslog.h>

#include <optional>

#include "core/text.h"
#include "daemon/api/tap.h"
#include "daemon/api/token_words.h"
#include "daemon/api/types.h"
#include "daemon/client/prompts.h"
#include "daemon/pam/daemon.h"
#include "daemon/pam/field.h"
#include "daemon/pam/origin.h"

namespace countersign::pam {
namespace {

constexpr std::chrono::seconds margin{5};    // beyond what the daemon was told to wait for the person
constexpr std::size_t longest_code = 64;     // what the daemon takes
constexpr std::size_t digits_of_a_code = 6;

class Attempt {
 public:
  Attempt(const Handle& pam, const Options& options) : pam_(pam), options_(options), daemon_(options.socket) {}

  Result<Outcome> run() {
    if (auto known = learn(); !known) return std::unexpected(known.error());
    if (auto reached = daemon_.reach(Deadline::in(options_.timeout)); !reached) return without_daemon(reached.error());
    const Result<Secret> code = typed_code();
    if (!code) return std::unexpected(code.error());
    if (!code->empty()) return verify(*code);
    if (options_.first_pass == FirstPass::required || here_ == false) return denied("no code");
    return tap();
  }

 private:
  // Who, what for, and from where.
  Result<void> learn() {
    auto user = pam_.user();
    if (!user) return std::unexpected(user.error());
    user_ = std::move(*user);
    auto service = options_.service.empty() ? pam_.item(PAM_SERVICE) : Result<std::string>(options_.service);
    auto host = pam_.item(PAM_RHOST);
    auto terminal = pam_.item(PAM_TTY);
    for (const auto* each : {&service, &host, &terminal})
      if (!*each) return std::unexpected(each->error());
    service_ = std::move(*service);
    here_ = is_here({.remote_host = *host, .terminal = *terminal, .seat = pam_.variable("XDG_SEAT")});
    pam_.debug("asked for " + user_ + " (" + escape_text(service_) + "), host '" + escape_text(*host) + "', terminal '" + escape_text(*terminal) + "'");
    return {};
  }

  // T19: open only where the administrator said so, only when nobody listens, and never unseen.
  Result<Outcome> without_daemon(const Error& error) {
    if (!options_.fail_open || error.code != Code::unavailable) return std::unexpected(error);
    pam_.log(LOG_WARNING, "failmode=allow: " + user_ + " is let through without a second factor: " + escape_text(error.what));
    return Outcome::let_through;
  }

  // Empty: the person pressed Enter, for a key.
  Result<Secret> typed_code() {
    if (options_.first_pass == FirstPass::ignored) return pam_.ask(prompt());
    const auto field = options_.first_pass == FirstPass::required ? pam_.password() : pam_.ask_password("Password and code: ");
    if (!field) return std::unexpected(field.error());
    const Field parts = split(field->expose_text(), digits_of_a_code);
    if (!parts.code.empty()) {
      if (auto left = pam_.leave_password(parts.password); !left) return std::unexpected(left.error());
      return Secret(parts.code);
    }
    if (options_.first_pass == FirstPass::required) return Secret();
    return pam_.ask(prompt());
  }

  std::string prompt() const {
    if (!options_.prompt.empty()) return options_.prompt + ": ";
    return here_ == false ? "Code: " : "Code, or press Enter and touch your key: ";
  }

  Result<Outcome> verify(const Secret& code) {
    if (code.size() > longest_code) return denied("too long for a code");  // T17
    const api::VerifyRequest request{.user = "login:" + user_, .code = code.copy(), .service = service_};
    return judge(daemon_.post<api::VerifyResult>("/v1/verifications", request, Deadline::in(options_.timeout)));
  }

  Result<Outcome> tap() {
    const Deadline deadline = Deadline::in(options_.timeout + margin);
    const api::TapVerifyRequest request{.user = "login:" + user_, .service = service_, .uv = {}, .seconds = static_cast<int>(options_.timeout.count()), .here = here_};
    std::optional<Error> trouble;
    auto result = daemon_.post<api::VerifyResult>("/v1/verifications/tap", request, deadline, [&](std::string_view line) {
      const auto event = api::decode<api::TapEvent>(line);
      if (!event) return true;  // of a later version: nothing to do about it
      auto taken = show(*event, deadline);
      if (!taken) trouble = std::move(taken.error());
      return !trouble;
    });
    if (!result && trouble) return std::unexpected(*trouble);
    return judge(result);
  }

  Result<void> show(api::TapEvent event, const Deadline& deadline) {
    event.user = user_;
    const std::string words = escape_text(client::prompt_words(event));
    if (event.event != api::Prompt::pin) return pam_.tell(words), Result<void>();
    const Result<Secret> pin = pam_.ask(words + " ");
    if (!pin) return std::unexpected(pin.error());
    return daemon_.answer(event.interaction.value_or(""), *pin, deadline);
  }

  // The one place where a sign-in becomes verified.
  Result<Outcome> judge(const Result<api::VerifyResult>& result) {
    if (!result) return std::unexpected(result.error());
    if (result->verdict != "verified") {
      if (api::token_code(result->reason) != Code::internal) pam_.tell_error(api::token_words(result->reason, result->retries));
      return denied(result->reason);
    }
    pam_.debug(user_ + " verified (" + escape_text(service_) + ") by " + escape_text(result->authenticator));
    return Outcome::verified;
  }

  Result<Outcome> denied(std::string_view why) {
    pam_.log(LOG_NOTICE, user_ + " denied (" + escape_text(service_) + "): " + escape_text(why));
    return Outcome::denied;
  }

  const Handle& pam_;
  const Options& options_;
  Daemon daemon_;
  std::string user_, service_;
  std::optional<bool> here_;
};

}  // namespace

Result<Outcome> authenticate(const Handle& pam, const Options& options) {
  pam.delay_failure();
  return Attempt(pam, options).run();
}

}  // namespace countersign::pam
