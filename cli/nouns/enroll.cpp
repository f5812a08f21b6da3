// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>
#include <charconv>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "cli/nouns/tokens/otp_elsewhere.h"
#include "cli/nouns/tokens/slots.h"
#include "cli/output/qr.h"
#include "cli/secrets.h"
#include "cli/tap.h"
#include "core/base/text.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/sign_in.h"
#include "daemon/api/status.h"
#include "daemon/api/tap.h"

namespace countersign::cli {
namespace {

struct EnrollOptions {
  std::string user, label, secret_file, qr, sheet, code, next, id, algorithm, serial;
  int digits = 6, period = 30, count = 10;
  bool no_confirm = false, elsewhere = false;
  FreshOptions fresh;
};

Result<void> write_qr(const std::string& path, std::string_view uri) {
  if (path.ends_with(".svg")) {
    const auto svg = qr_svg(uri);
    return svg ? write_private_file(path, as_bytes(*svg)) : std::unexpected(svg.error());
  }
  if (!path.ends_with(".png"))
    return fail(Code::invalid, "--qr takes a file that ends in .png or .svg");
  const auto png = qr_png(uri);
  return png ? write_private_file(path, *png) : std::unexpected(png.error());
}

Result<api::EnrollRequest> request_for(Kind kind, const EnrollOptions& options) {
  api::EnrollRequest request{.user = options.user,
                             .kind = kind,
                             .label = {},
                             .serial = {},
                             .to = {},
                             .secret = {},
                             .code = {},
                             .algorithm = {},
                             .digits = {},
                             .period = {},
                             .codes = {},
                             .confirm = {}};
  if (!options.label.empty()) request.label = options.label;
  if (!options.serial.empty()) request.serial = options.serial;
  if (!options.code.empty()) request.code = Secret(options.code);
  if (kind == Kind::backup_codes) {
    request.codes = options.count;
    return request;
  }
  if (kind == Kind::yubico_otp) {
    if (options.no_confirm) request.confirm = false;
    return request;
  }
  if (!options.algorithm.empty()) request.algorithm = from_name<HashAlgorithm>(options.algorithm);
  request.digits = options.digits;
  if (kind == Kind::totp) request.period = options.period;
  if (options.no_confirm) request.confirm = false;
  if (!options.secret_file.empty()) {
    Secret secret = TRY(read_secret(options.secret_file));
    request.secret = std::move(secret);
  }
  return request;
}

using Bound = Result<api::AuthenticatorView>;

// next: empty where the first code alone is given.
Bound confirm_by(Front& front, const std::string& id, const Secret& code, Secret next,
                 const FreshOptions& fresh) {
  api::BodyOf<api::ConfirmRequest> body{{.id = {}, .code = code.copy(), .next = {}}};
  if (!next.empty()) body.next = std::move(next);
  return call_verified<api::AuthenticatorView>(
      front, "POST", path_of("/v1/enrollments/", id, "/confirm"), std::move(body), fresh);
}

void show_bound(Front& front, const Bound& bound) {
  if (!bound) return front.fail_with(bound.error());
  front.out().object(front.answer());
  front.out().good(fmt::format("bound: {} of {}, {}. {}", to_name(bound->kind),
                               escape_text(bound->user), bound->id,
                               sent(bound->kind) ? "Codes are sent there from now on"
                                                 : "That code is used now; the next one verifies"));
}

// A token from stock may be off: then its next code is asked for, and both find it.
Bound confirm_asking(Front& front, const api::EnrollResult& enrolled, const Secret& code,
                     const FreshOptions& fresh) {
  Bound bound = confirm_by(front, enrolled.id, code, {}, fresh);
  const bool from_stock =
      !enrolled.otpauth && (enrolled.kind == Kind::totp || enrolled.kind == Kind::hotp);
  if (bound || !from_stock || bound.error().code != Code::invalid) return bound;
  front.out().bad(escape_text(bound.error().what));
  Result<Secret> next = ask("The code that it shows right after that one (Enter: later): ", false,
                            "the code with --next");
  return next && !next->empty() ? confirm_by(front, enrolled.id, code, std::move(*next), fresh)
                                : std::move(bound);
}

// A picture that the lines break would be read by no phone.
bool draw_qr(const Output& out, std::string_view uri) {
  const QrStyle style =
      out.abilities().colour && out.abilities().utf8 ? QrStyle::blocks : QrStyle::ascii;
  const std::size_t needed = qr_columns(uri, style);
  if (out.abilities().columns != 0 && out.abilities().columns < needed) {
    out.note(fmt::format("This terminal has {} columns, and the QR code needs {}.",
                         out.abilities().columns, needed));
    return false;
  }
  const auto picture = qr_terminal(uri, style);
  if (picture) out.line(*picture);
  return picture.has_value();
}

// Asks again after a wrong code. False: it waits for another time.
bool confirmed_on_terminal(Front& front, const api::EnrollResult& enrolled,
                           const FreshOptions& fresh) {
  const char* const question = enrolled.kind == Kind::yubico_otp
                                   ? "Touch the key, so that it types (Enter: later): "
                                   : "First code that it shows (Enter: later): ";
  for (;;) {
    const auto code = ask(question, false);
    if (!code || code->empty()) return false;
    const Bound bound = confirm_asking(front, enrolled, *code, fresh);
    // After the last try (exhausted) there is nothing left to confirm.
    if (bound || bound.error().code != Code::invalid) return show_bound(front, bound), true;
    front.out().bad(escape_text(bound.error().what));
  }
}

// "GEZD GNBV GY3T": easier to type without losing one's place; apps pass over the spaces.
std::string in_fours(std::string_view secret) {
  std::string grouped;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (i != 0 && i % 4 == 0) grouped += ' ';
    grouped += secret[i];
  }
  return grouped;
}

// On a terminal: the picture to scan, and the question for the first code.
void show_oath(Front& front, const api::EnrollResult& enrolled, const FreshOptions& fresh) {
  const Output out = front.out();
  if (enrolled.otpauth) {
    const bool drawn = out.terminal() && draw_qr(out, enrolled.otpauth->expose_text());
    out.line(drawn ? "Scan the picture with an authenticator app, or type the secret into it:"
                   : "Type the secret into an authenticator app (--qr FILE.png writes a picture to "
                     "scan):");
    out.line(fmt::format("  secret  {}",
                         enrolled.secret ? in_fours(enrolled.secret->expose_text()) : ""));
    out.line(fmt::format("  uri     {}", enrolled.otpauth->expose_text()));
  }
  if (enrolled.status != "pending")
    return out.good(fmt::format("bound: {} of {}, {}", to_name(enrolled.kind),
                                escape_text(enrolled.user), enrolled.id));
  if (out.terminal() && isatty(STDIN_FILENO) == 1 && confirmed_on_terminal(front, enrolled, fresh))
    return;
  out.line(fmt::format(
      "Not active yet. Confirm its first code: countersign enroll confirm {} --code CODE",
      enrolled.id));
}

std::string sheet_of(const api::EnrollResult& enrolled) {
  std::string sheet = fmt::format(
      "Backup codes of {}\n\nEach works once. Keep this sheet where you keep your passport.\n\n",
      escape_text(enrolled.user));
  int number = 0;
  for (const Secret& code : *enrolled.codes)
    sheet += fmt::format("  {:2}.  [ ]  {}\n", ++number, code.expose_text());
  return sheet;
}

void enroll(Front& front, Kind kind, const EnrollOptions& options) {
  Result<api::EnrollRequest> request = request_for(kind, options);
  if (!request) return front.fail_with(request.error());
  const auto enrolled = call_verified<api::EnrollResult>(front, "POST", "/v1/enrollments",
                                                         std::move(*request), options.fresh);
  if (!enrolled) return front.fail_with(enrolled.error());
  if (!options.qr.empty() && enrolled->otpauth)
    if (auto written = write_qr(options.qr, enrolled->otpauth->expose_text()); !written)
      return front.fail_with(written.error());
  if (kind != Kind::backup_codes) {
    front.out().object(front.answer());
    if (!front.json) show_oath(front, *enrolled, options.fresh);
    return;
  }
  std::string sheet = sheet_of(*enrolled);
  if (!options.sheet.empty())
    if (auto written = write_private_file(options.sheet, as_bytes(sheet)); !written)
      return front.fail_with(written.error());
  front.out().object(front.answer());
  if (options.sheet.empty())
    front.out().line(sheet);
  else
    front.out().good("the sheet to print is in " + escape_text(options.sheet));
  wipe(sheet);
}

void add_oath(Command& noun, Front& front, Kind kind, const std::string& about) {
  auto options = std::make_shared<EnrollOptions>();
  Command* verb = noun.add_subcommand(std::string(to_name(kind)), about);
  verb->add_option("--user", options->user, "Name of the user")->required();
  verb->add_option("--label", options->label, "A name for it, shown in lists");
  verb->add_option("--algorithm", options->algorithm, "SHA1 (what most apps can), SHA256 or SHA512")
      ->one_of({"SHA1", "SHA256", "SHA512"});
  verb->add_option("--digits", options->digits, "Length of the codes: 6, 7 or 8");
  if (kind == Kind::totp)
    verb->add_option("--period", options->period, "Seconds that a code lasts");
  auto* secret = verb->add_option(
      "--secret-file", options->secret_file,
      "File with the secret in base32 (- is standard input) instead of a random one");
  verb->add_option("--serial", options->serial,
                   "Serial of an imported token in stock: bind that one")
      ->excludes(secret);
  verb->add_option("--qr", options->qr, "Also write the picture to FILE.png or FILE.svg");
  verb->add_option("--code", options->code,
                   "When you enrol for yourself: a code of an authenticator that you have");
  verb->add_flag("--no-confirm", options->no_confirm,
                 "Bind at once, without a first code (administrators)");
  add_fresh_options(*verb, options->fresh, OwnCode::yes);
  verb->callback([&front, kind, options] { enroll(front, kind, *options); });
}

void add_yubico_otp(Command& noun, Front& front) {
  auto options = std::make_shared<EnrollOptions>();
  Command* verb = noun.add_subcommand("yubico-otp",
                                      "Bind a YubiKey that types one-time passwords: an imported "
                                      "one, or one that the configured servers validate");
  verb->add_option("--user", options->user, "Name of the user")->required();
  auto* const serial =
      verb->add_option("--serial", options->serial,
                       "Its serial as imported; where the log knew none, its public id");
  auto* const elsewhere = verb->add_flag("--validated-elsewhere", options->elsewhere,
                                         "Somebody else programmed it: the servers in the daemon's "
                                         "configuration validate what it types")
                              ->excludes(serial);
  verb->add_option("--label", options->label, "A name for it, shown in lists");
  verb->add_option("--code", options->code,
                   "What it types now, in place of the question for a touch")
      ->needs(elsewhere);
  verb->add_flag("--no-confirm", options->no_confirm,
                 "Bind at once, without a first touch (administrators)")
      ->excludes(elsewhere);
  add_fresh_options(*verb, options->fresh, OwnCode::yes);
  verb->callback([&front, options] {
    if (options->elsewhere)
      return enroll_elsewhere(front, {.user = options->user,
                                      .label = options->label,
                                      .code = options->code,
                                      .fresh = options->fresh});
    if (options->serial.empty())
      return front.fail_with({Code::invalid,
                              "give --serial (an imported key) or --validated-elsewhere; a key at "
                              "hand is programmed with 'device provision yubico-otp'"});
    enroll(front, Kind::yubico_otp, *options);
  });
}

struct SentOptions {
  std::string user, label, to, code;
  FreshOptions fresh;
};

void enroll_sent(Front& front, Kind kind, const SentOptions& options) {
  api::EnrollRequest request{.user = options.user,
                             .kind = kind,
                             .label = {},
                             .serial = {},
                             .to = {},
                             .secret = {},
                             .code = {},
                             .algorithm = {},
                             .digits = {},
                             .period = {},
                             .codes = {},
                             .confirm = {}};
  if (!options.label.empty()) request.label = options.label;
  if (!options.to.empty()) request.to = options.to;
  if (!options.code.empty()) request.code = Secret(options.code);
  const auto enrolled = call_verified<api::EnrollResult>(front, "POST", "/v1/enrollments",
                                                         std::move(request), options.fresh);
  if (!enrolled) return front.fail_with(enrolled.error());
  const Output out = front.out();
  out.object(front.answer());
  out.line(fmt::format("Code sent to {}.", escape_text(enrolled->to.value_or(""))));
  if (out.terminal() && isatty(STDIN_FILENO) == 1) {
    auto code = ask("The code that came (Enter: later): ", false);
    if (code && !code->empty())
      return show_bound(front, confirm_by(front, enrolled->id, *code, {}, options.fresh));
  }
  out.line(fmt::format(
      "Not active yet. Confirm the code: countersign enroll confirm {} --code CODE", enrolled->id));
}

void add_sent(Command& noun, Front& front, Kind kind, const std::string& about,
              const std::string& to) {
  auto options = std::make_shared<SentOptions>();
  Command* verb = noun.add_subcommand(std::string(to_name(kind)), about);
  verb->add_option("--user", options->user, "Name of the user")->required();
  verb->add_option("--to", options->to, to);
  verb->add_option("--label", options->label, "A name for it, shown in lists");
  verb->add_option("--code", options->code,
                   "When you enrol for yourself: a code of an authenticator that you have");
  add_fresh_options(*verb, options->fresh, OwnCode::yes);
  verb->callback([&front, kind, options] { enroll_sent(front, kind, *options); });
}

struct KeyOptions {
  std::string user, label, uv, attestation, code, slot;
  Kind kind = Kind::fido2;
  bool discoverable = false, backup = false;
  TapOptions tap;
  FreshOptions fresh;
};

// A key works for the name it was enrolled under and for no other.
std::string relying_party_words(Front& front) {
  const auto status = front.get<api::StatusView>("/v1/status");
  return status ? ", for the RP ID " + escape_text(status->rp_id) : std::string();
}

void enroll_key(Front& front, const KeyOptions& options) {
  api::TapEnrollRequest request{.user = options.user,
                                .label = {},
                                .kind = options.kind,
                                .slot = {},
                                .discoverable = options.discoverable,
                                .backup = options.backup,
                                .uv = {},
                                .attestation = {},
                                .seconds = options.tap.seconds,
                                .code = {}};
  if (!options.label.empty()) request.label = options.label;
  if (!options.slot.empty()) request.slot = options.slot;
  if (!options.uv.empty()) request.uv = from_name<webauthn::UserVerification>(options.uv);
  if (!options.attestation.empty())
    request.attestation = from_name<webauthn::Conveyance>(options.attestation);
  if (!options.code.empty()) request.code = Secret(options.code);
  Result<api::AuthenticatorView> bound = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap);
    bound = call_verified<api::AuthenticatorView>(front, "POST", "/v1/enrollments/tap",
                                                  std::move(request), options.fresh);
  }
  if (!bound) return front.fail_with(bound.error());
  front.out().object(front.answer());
  const std::string rp = front.json || bound->kind != Kind::fido2 ? "" : relying_party_words(front);
  front.out().good(fmt::format("bound: {} of {}, {}{}", to_name(bound->kind),
                               escape_text(bound->user), bound->id, rp));
}

void add_key_verb(Command& noun, Front& front) {
  auto options = std::make_shared<KeyOptions>();
  Command* verb =
      noun.add_subcommand("fido2", "Bind a security key that is plugged in at this machine");
  verb->add_option("--user", options->user, "Name of the user")->required();
  verb->add_option("--label", options->label, "A name for it, shown in lists");
  verb->add_flag("--discoverable", options->discoverable,
                 "Keep the account on the key: then a tap alone says who it is");
  verb->add_flag("--backup", options->backup, "Label it as the spare key that stays in a drawer");
  verb->add_option("--uv", options->uv,
                   "What the key asks of its user: required, preferred or discouraged")
      ->one_of({"required", "preferred", "discouraged"});
  verb->add_option("--attestation", options->attestation,
                   "Attestation to ask for: none, indirect or direct (default)")
      ->one_of({"none", "indirect", "direct"});
  verb->add_option("--code", options->code,
                   "When you enrol for yourself: a code of an authenticator that you have; without "
                   "it you tap a key that you have");
  add_tap_options(*verb, options->tap);
  add_fresh_options(*verb, options->fresh, OwnCode::yes);
  verb->callback([&front, options] { enroll_key(front, *options); });
}

void add_card_verb(Command& noun, Front& front, Kind kind, const std::string& about) {
  auto options = std::make_shared<KeyOptions>();
  options->kind = kind;
  Command* verb = noun.add_subcommand(std::string(to_name(kind)), about);
  verb->add_option("--user", options->user, "Name of the user")->required();
  verb->add_option("--label", options->label, "A name for it, shown in lists");
  if (kind == Kind::piv)
    verb->add_option("--slot", options->slot,
                     "Which of its keys: 9a (default), 9c, or 9e, which asks for no PIN")
        ->one_of({"9a", "9c", "9e"});
  verb->add_option("--code", options->code,
                   "When you enrol for yourself: a code of an authenticator that you have; without "
                   "it you use a key or card that you have");
  add_tap_options(*verb, options->tap);
  add_fresh_options(*verb, options->fresh, OwnCode::yes);
  verb->callback([&front, options] { enroll_key(front, *options); });
}

// "30m", "8h", "2d" in seconds.
std::optional<std::int64_t> seconds_in(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc() || number <= 0 || number > 100'000) return std::nullopt;
  if (unit == "m") return number * 60;
  if (unit == "h") return number * 3600;
  if (unit == "d") return number * 86'400;
  return std::nullopt;
}

void add_temporary_code(Command& noun, Front& front) {
  struct Wanted {
    std::string user, lasts = "8h";
    int uses = 1;
    FreshOptions fresh;
  };
  auto wanted = std::make_shared<Wanted>();
  Command* verb = noun.add_subcommand(
      "temporary-code",
      "Make a code for somebody who lost a key; it ends as soon as something new is enrolled");
  verb->add_option("--user", wanted->user, "Name of the user")->required();
  verb->add_option("--for", wanted->lasts, "How long it works: 30m, 8h, 2d");
  verb->add_option("--uses", wanted->uses, "How often it works");
  add_fresh_options(*verb, wanted->fresh);
  verb->callback([&front, wanted] {
    const auto seconds = seconds_in(wanted->lasts);
    if (!seconds) return front.fail_with({Code::invalid, "--for takes a time like 30m, 8h or 2d"});
    const auto made = call_verified<api::TemporaryCodeResult>(
        front, "POST", "/v1/enrollments/temporary-code",
        api::TemporaryCodeRequest{.user = wanted->user, .seconds = *seconds, .uses = wanted->uses},
        wanted->fresh);
    if (!made) return front.fail_with(made.error());
    front.out().object(front.answer());
    front.out().line(
        fmt::format("temporary code of {}: {}\nIt works {} until {}.", escape_text(made->user),
                    made->code.expose_text(),
                    made->uses == 1 ? std::string("once") : fmt::format("{} times", made->uses),
                    api::to_rfc3339(made->expires)));
  });
}

}  // namespace

void add_enroll(Command& noun, Front& front) {
  noun.require_subcommand(1);
  add_oath(noun, front, Kind::totp, "Bind a phone's TOTP app");
  add_oath(noun, front, Kind::hotp, "Bind a HOTP token or app");
  add_yubico_otp(noun, front);
  add_key_verb(noun, front);
  add_sent(noun, front, Kind::sms, "Bind a phone number: a code is sent there, and typed here",
           "The number, as +491701234567; without it the one on file");
  add_sent(noun, front, Kind::email, "Bind an e-mail address: a code is sent there, and typed here",
           "The address; without it the one on file");
  add_card_verb(noun, front, Kind::piv, "Bind a PIV card that is in a reader of this machine");
  add_card_verb(noun, front, Kind::openpgp, "Bind an OpenPGP card's authentication key");
  add_hmac_enrollment(noun, front);

  auto backup = std::make_shared<EnrollOptions>();
  Command* codes =
      noun.add_subcommand("backup-codes", "Issue a set of backup codes; the set before ends");
  codes->add_option("--user", backup->user, "Name of the user")->required();
  codes->add_option("--label", backup->label, "A name for it, shown in lists");
  codes->add_option("--count", backup->count, "How many, 1 to 60");
  codes->add_option("--sheet", backup->sheet,
                    "Write the sheet to print into this file instead of showing it");
  codes->add_option("--code", backup->code,
                    "When you enrol for yourself: a code of an authenticator that you have");
  add_fresh_options(*codes, backup->fresh, OwnCode::yes);
  codes->callback([&front, backup] { enroll(front, Kind::backup_codes, *backup); });

  add_temporary_code(noun, front);

  auto wanted = std::make_shared<EnrollOptions>();
  Command* verb =
      noun.add_subcommand("confirm", "Bind a pending authenticator with its first code");
  verb->add_option("ID", wanted->id, "Id that the enrolment gave")->required();
  auto* const code_option =
      verb->add_option("--code", wanted->code, "The first code; asked for when it is not given");
  verb->add_option("--next", wanted->next,
                   "The code right after it, for a TOTP or HOTP token that lay in stock and is off")
      ->needs(code_option);
  add_fresh_options(*verb, wanted->fresh, OwnCode::yes);
  verb->callback([&front, wanted] {
    Result<Secret> code = wanted->code.empty() ? ask("First code: ", false, "the code with --code")
                                               : Secret(wanted->code);
    if (!code) return front.fail_with(code.error());
    show_bound(front, confirm_by(front, wanted->id, *code, Secret(wanted->next), wanted->fresh));
  });
}

}  // namespace countersign::cli
