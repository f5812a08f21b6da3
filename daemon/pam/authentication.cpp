// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/authentication.h"

#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/kind_set.h"
#include "core/verdict.h"
#include "daemon/api/tap.h"
#include "daemon/api/token_words.h"
#include "daemon/api/verification.h"
#include "daemon/client/prompts.h"
#include "daemon/pam/account.h"
#include "daemon/pam/field.h"
#include "daemon/pam/origin.h"
#include "daemon/pam/public_key.h"
#include "daemon/pam/sign_in.h"
#include "daemon/pam/unix_account.h"

namespace countersign::pam {
namespace {

constexpr std::chrono::seconds margin{5};  // beyond what the daemon was told to wait for the person
constexpr std::size_t longest_code = 64;   // what the daemon takes
constexpr std::size_t longest_recipient = 320;
constexpr std::size_t longest_login = 122;  // what the daemon takes behind "login:"
constexpr const char* nobody =
    ":";  // no account can have this name: passwd(5) separates fields by it

// A reason of the daemon's as the token's failure that it is, if it is one.
std::string token_name(const std::string& reason) {
  return reason == to_name(Reason::no_token) ? "absent" : reason;
}

class Attempt {
 public:
  Attempt(const Handle& pam, const Options& options)
      : pam_(pam), options_(options), daemon_(options.socket) {}

  Result<Outcome> run() {
    TRY(learn());
    if (options_.first_factor == FirstFactor::public_key && !first_passed_) return no_public_key();
    const Step begun = sign_in_.begin(daemon_, subject_, budget());
    if (!begun) return without_daemon(begun.error());
    if (!known_ && begun->decision != Decision::deny) return denied("no such account");
    switch (begun->decision) {
      case Decision::allow:
        return let_through(to_name(begun->because));
      case Decision::verify:
        return verify(begun->factors);
      case Decision::enroll:
        if (!first_passed_) return no_enrollment();
        return begun->skippable ? skip_or_enroll(kinds_of(*begun)) : enroll(kinds_of(*begun));
      case Decision::deny:
        return deny_as_anybody(to_name(begun->because));
    }
    return Outcome::denied;
  }

  [[nodiscard]] const std::string& account() const { return subject_.login; }

 private:
  [[nodiscard]] Deadline budget() const { return Deadline::in(options_.timeout); }

  // Who, what for, and from where.
  Result<void> learn() {
    TRY(learn_account());
    const auto host = pam_.item(PAM_RHOST);
    const auto terminal = pam_.item(PAM_TTY);
    for (const auto* each : {&host, &terminal})
      if (!*each) return std::unexpected(each->error());
    subject_.service = options_.service.empty() ? pam_.service() : options_.service;
    learn_first_factor();
    subject_.here =
        is_here({.remote_host = *host, .terminal = *terminal, .seat = pam_.variable("XDG_SEAT")});
    subject_.session = pam_.variable("XDG_SESSION_ID");
    pam_.debug("asked for " + who() + ", host '" + escape_text(*host) + "', terminal '" +
               escape_text(*terminal) + "'");
    return {};
  }

  // T52: the account that the system resolved. An unknown name is not sent to the daemon: it may be
  // a password typed into the wrong field.
  Result<void> learn_account() {
    const auto typed = TRY(pam_.user());
    const auto account = TRY(unix_account(typed));
    known_ = account.has_value();
    subject_.login = known_ ? account->name : nobody;
    return require_plain_text("the account's name", subject_.login, longest_login);
  }

  // T51. A process that runs as the user (a locker) can't vouch to the daemon for a password.
  void learn_first_factor() {
    first_passed_ = options_.first_factor == FirstFactor::passed ||
                    (options_.first_factor == FirstFactor::public_key &&
                     has_public_key(pam_.variable("SSH_AUTH_INFO_0")));
    if (first_passed_ && options_.first_factor == FirstFactor::passed && geteuid() == 0)
      subject_.primary = Primary::password;
  }

  [[nodiscard]] std::string who() const {
    return (known_ ? subject_.login : "an unknown name") + " (" + escape_text(subject_.service) +
           ")";
  }

  // T19: open only where the administrator said so, only when nobody listens, and never unseen.
  Result<Outcome> without_daemon(const Error& error) {
    if (!options_.fail_open || error.code != Code::unavailable || !known_)
      return std::unexpected(error);
    pam_.log(LOG_WARNING, "failmode=allow: " + who() + " is let through without a second factor: " +
                              escape_text(error.what));
    return without_second_factor();
  }

  Result<Outcome> let_through(std::string_view why) {
    pam_.log(LOG_INFO, who() + " needs no second factor: " + std::string(why));
    return without_second_factor();
  }

  // Other modules decide on the first factor. With first=publickey there is none: sshd has checked
  // the key, and this module passes that on.
  Result<Outcome> without_second_factor() {
    return options_.first_factor == FirstFactor::public_key ? Outcome::admitted
                                                            : Outcome::let_through;
  }

  // A stack that relies on sshd's key has no other first factor: a code alone would open the door.
  // The same for everybody, before the daemon is asked (T32).
  Result<Outcome> no_public_key() {
    pam_.tell_error(
        "This login needs your SSH key first, but sshd reports none. Ask your "
        "administrator if you used one");
    return denied(
        "sshd reports no completed public key (first=publickey): sshd_config needs "
        "AuthenticationMethods publickey,keyboard-interactive:pam");
  }

  // T51: a stranger could bind their own factor here.
  Result<Outcome> no_enrollment() {
    pam_.tell_error(
        "You have no second factor, and you can't set one up at this login. Enrol with "
        "`countersign "
        "enroll` "
        "where you are signed in, or ask your administrator");
    return denied(
        "has no second factor, and can't enrol: this line of the stack lacks first=passed, see "
        "pam_countersign(8)");
  }

  Result<Outcome> verify(const std::vector<Kind>& factors) {
    const Secret code = TRY(typed_code());
    if (code.size() > longest_code) return denied("too long for a code");  // T17
    if (const auto kind = to_be_sent(code, factors)) return sent_code(*kind);
    if (!code.empty()) return judge(sign_in_.verify(daemon_, code, budget()));
    if (token_here(factors)) return tap();
    return denied(first_passed_ ? "no code"
                                : "no code, and none is sent before the first factor has passed "
                                  "(first= in pam_countersign(8))");
  }

  [[nodiscard]] bool token_here(const std::vector<Kind>& factors) const {
    return subject_.here != false &&
           std::ranges::any_of(factors, [](Kind kind) { return token_kinds.contains(kind); });
  }

  // T51: nothing is sent before the first factor has passed.
  // Whoever types "sms" or "email" gets a code that way, if they can; so does who presses Enter and
  // has no key that could be touched here.
  [[nodiscard]] std::optional<Kind> to_be_sent(const Secret& typed,
                                               const std::vector<Kind>& factors) const {
    if (!first_passed_) return std::nullopt;
    for (const Kind kind : {Kind::sms, Kind::email}) {
      if (std::ranges::find(factors, kind) == factors.end()) continue;
      if (typed.expose_text() == to_name(kind) || (typed.empty() && !token_here(factors)))
        return kind;
    }
    return std::nullopt;
  }

  Result<Outcome> sent_code(Kind kind) {
    const auto sent = sign_in_.send(daemon_, kind, budget());
    if (!sent) {
      pam_.tell_error("No code could be sent. Use another factor, or try again later");
      return denied("no code was sent: " + sent.error().what);
    }
    const Secret code = TRY(pam_.ask("Code that was sent to " + escape_text(sent->to) + ": "));
    if (code.empty() || code.size() > longest_code) return denied("no code");
    return judge(sign_in_.verify(daemon_, code, budget(), sent->challenge));
  }

  // Empty: the person pressed Enter, for a key, or typed none.
  Result<Secret> typed_code() {
    if (options_.first_pass == FirstPass::ignored) return pam_.ask(prompt());
    const auto field =
        TRY(options_.first_pass == FirstPass::required ? pam_.password()
                                                       : pam_.ask_password("Password and code: "));
    const auto state = TRY(account_state(options_, subject_.login, budget()));
    const Field parts = split(field.expose_text(), state.code_digits);
    if (!parts.code.empty()) {
      TRY(pam_.leave_password(parts.password));
      return Secret(parts.code);
    }
    return options_.first_pass == FirstPass::required ? Secret() : pam_.ask(prompt());
  }

  // Goes by where the person is, not by what they have: it is the same for everybody there (T32).
  [[nodiscard]] std::string prompt() const {
    if (!options_.prompt.empty()) return options_.prompt + ": ";
    return subject_.here == false ? "Code: " : "Code, or press Enter and touch your key: ";
  }

  Result<Outcome> tap() {
    const Deadline deadline = Deadline::in(options_.timeout + margin);
    std::optional<Error> trouble;
    const Step result = sign_in_.tap(daemon_, subject_.here, options_.timeout, deadline,
                                     [&](std::string_view line) {
                                       auto event = api::decode<api::TapEvent>(line);
                                       if (!event)
                                         return true;  // of a later version: nothing to do about it
                                       auto taken = show(std::move(*event), deadline);
                                       if (!taken) trouble = std::move(taken.error());
                                       return !trouble;
                                     });
    if (!result && trouble) return std::unexpected(*trouble);
    return judge(result);
  }

  // T46: what is shown names the user and the service.
  Result<void> show(api::TapEvent event, const Deadline& deadline) {
    event.user = subject_.login;
    event.service = subject_.service;
    const std::string words = escape_text(client::prompt_words(event));
    if (event.event != api::Prompt::pin) return pam_.tell(words), Result<void>();
    const Secret pin = TRY(pam_.ask(words + " "));
    return daemon_.answer(event.interaction.value_or(""), pin, deadline);
  }

  Result<Outcome> skip_or_enroll(const std::vector<Kind>& kinds) {
    const Secret answer =
        TRY(pam_.ask("You have no second factor yet. Type 'enroll' to set one up, or press Enter "
                     "to skip that for now: "));
    if (answer.expose_text() == "enroll") return enroll(kinds);
    const Step skipped = sign_in_.skip(daemon_, budget());
    if (!skipped) return std::unexpected(skipped.error());
    return skipped->decision == Decision::allow ? let_through(to_name(skipped->because))
                                                : denied(to_name(skipped->because));
  }

  // A daemon of an earlier version does not say.
  static std::vector<Kind> kinds_of(const api::SignInResult& begun) {
    return begun.enrollable.value_or(std::vector<Kind>());
  }

  // Where codes can be sent, the person chooses; else an app it is.
  Result<Outcome> enroll(const std::vector<Kind>& kinds) {
    const auto may = [&](Kind kind) { return std::ranges::find(kinds, kind) != kinds.end(); };
    if (!may(Kind::sms) && !may(Kind::email)) return enroll_app();
    const std::string app =
        may(Kind::totp) ? ", or press Enter to use an authenticator app: " : ": ";
    const Result<Secret> to =
        pam_.ask("Set up your second factor: type your " +
                 recipients(may(Kind::sms), may(Kind::email)) + " to get codes there" + app);
    if (!to) return std::unexpected(to.error());
    if (to->empty()) return may(Kind::totp) ? enroll_app() : denied("no phone number or address");
    const Kind kind = to->expose_text().contains('@') ? Kind::email : Kind::sms;
    if (to->size() > longest_recipient || !may(kind)) {
      pam_.tell_error("Codes can't be sent there: type your " +
                      recipients(may(Kind::sms), may(Kind::email)));
      return denied("codes can't be sent there");
    }
    return enroll_recipient(kind, std::string(to->expose_text()));
  }

  static std::string recipients(bool sms, bool email) {
    const std::string number = "phone number, like +491701234567";
    if (!email) return number;
    return sms ? number + ", or e-mail address" : "e-mail address";
  }

  Result<Outcome> enroll_recipient(Kind kind, std::string to) {
    if (kind == Kind::sms)
      std::erase_if(to, [](char c) { return std::string_view(" -/()").contains(c); });
    const auto begun = sign_in_.enroll_recipient(
        daemon_, kind == Kind::sms ? api::SignInKind::sms : api::SignInKind::email, std::move(to),
        budget());
    if (!begun) {
      pam_.tell_error("No code could be sent there. Check what you typed, or try again later");
      return denied("no code was sent: " + begun.error().what);
    }
    const Result<Secret> code =
        pam_.ask("Code that was sent to " + escape_text(begun->to.value_or("")) + ": ");
    if (!code) return std::unexpected(code.error());
    if (code->empty() || code->size() > longest_code) return denied("no code");
    return judge(sign_in_.confirm(daemon_, *code, budget()));
  }

  Result<Outcome> enroll_app() {
    const auto begun = TRY(sign_in_.enroll(daemon_, budget()));
    if (begun.qr) pam_.tell(std::string(begun.qr->expose_text()));
    if (begun.secret)
      pam_.tell(
          "Set up your second factor: scan the code above with the authenticator app of your "
          "phone, or type this secret into it: " +
          std::string(begun.secret->expose_text()));
    const Secret code = TRY(pam_.ask("The code that the app shows now: "));
    if (code.empty() || code.size() > longest_code) return denied("no code");
    return judge(sign_in_.confirm(daemon_, code, budget()));
  }

  // The one place where a sign-in becomes verified.
  Result<Outcome> judge(const Step& result) {
    if (!result && result.error().code == Code::invalid)
      return denied("the code is not right");  // as the daemon said
    if (!result) return std::unexpected(result.error());
    if (result->decision != Decision::allow) {
      const std::string why = result->reason.value_or(std::string(to_name(result->because)));
      if (const std::string token = token_name(why); api::token_code(token) != Code::internal)
        pam_.tell_error(api::token_words(token));
      return denied(why);
    }
    if (result->because != Because::verified && result->because != Because::enrolled)
      return let_through(to_name(result->because));  // policy changed meanwhile
    if (subject_.here != false)                      // a remote session has no grace
      TRY(pam_.note_sign_in(result->id));
    pam_.debug(who() + " verified");
    return Outcome::verified;
  }

  // T32: who can't get in is asked as anybody is, and what is typed costs the daemon what any wrong
  // code does.
  Result<Outcome> deny_as_anybody(std::string_view why) {
    const Secret code = TRY(typed_code());
    if (!code.empty() && code.size() <= longest_code) {
      const api::VerifyRequest request{
          .user = "login:" + subject_.login, .code = code.copy(), .service = subject_.service};
      (void)daemon_.post<api::VerifyResult>("/v1/verifications", request, budget());
    }
    return denied(why);
  }

  Result<Outcome> denied(std::string_view why) {
    pam_.log(LOG_NOTICE, who() + " denied: " + escape_text(why));
    return Outcome::denied;
  }

  const Handle& pam_;
  const Options& options_;
  Daemon daemon_;
  Subject subject_;
  bool known_ = false;  // the system has such an account
  bool first_passed_ = false;
  SignIn sign_in_;
};

}  // namespace

Result<Outcome> authenticate(const Handle& pam, const Options& options) {
  pam.delay_failure();
  Attempt attempt(pam, options);
  auto outcome = attempt.run();
  if (outcome && *outcome != Outcome::denied) TRY(pam.note_passed(attempt.account()));
  return outcome;
}

}  // namespace countersign::pam
