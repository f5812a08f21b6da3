// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <algorithm>
#include <utility>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "cli/secrets.h"
#include "core/base/text.h"
#include "daemon/api/policy.h"

namespace countersign::cli {
namespace {

struct PolicyOptions {
  std::string audience;
  std::optional<std::string> mode, ask, uv, unknown_users, methods, after, services, grace_services,
      enroll, sso, backup, everyone, hardware;
  std::optional<int> skip_days, code_length, disuse_days, maximum_days, grace_hours;
  bool add = false, forget_enrollments = false, forget_machines = false, dry_run = false,
       yes = false, force = false;
  FreshOptions fresh;
};

std::vector<std::string> words_in(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= list.size() && !list.empty();) {
    const auto comma = std::min(list.find(',', at), list.size());
    words.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return words;
}

bool adds_or_removes(const std::string& list) {
  return list.starts_with('+') || list.starts_with('-');
}

// "+sms,-hotp" changes what is in force, "totp,sms" replaces it.
Result<std::optional<std::vector<Kind>>> kinds_in(const std::optional<std::string>& list,
                                                  const std::vector<Kind>& in_force) {
  if (!list) return std::nullopt;
  const bool edits = adds_or_removes(*list);
  std::vector<Kind> kinds = edits ? in_force : std::vector<Kind>();
  for (std::string word : words_in(*list)) {
    if (edits != adds_or_removes(word))
      return fail(Code::invalid,
                  "give either a list, like totp,sms, or changes alone, like +sms,-hotp");
    const bool removes = word.starts_with('-');
    if (edits) word.erase(0, 1);
    const auto kind = from_name<Kind>(word);
    if (kind && removes) {
      std::erase(kinds, *kind);
      continue;
    }
    if (kind && std::ranges::find(kinds, *kind) != kinds.end()) continue;
    if (!kind)
      return fail(Code::invalid, "'" + escape_text(word) +
                                     "' is no kind of authenticator: fido2, piv, openpgp, "
                                     "yubico-otp, hmac, totp, hotp, sms, email, backup-codes");
    kinds.push_back(*kind);
  }
  return kinds;
}

std::optional<bool> on(const std::optional<std::string>& word) {
  return word ? std::optional(*word == "on") : std::nullopt;
}

template <class E>
std::optional<E> named(const std::optional<std::string>& word) {
  return word ? from_name<E>(*word) : std::nullopt;
}

// The audience stands in the path.
using Body = api::BodyOf<api::PolicySet>;

Result<Body> body_of(const PolicyOptions& options, const api::PolicyView& in_force) {
  auto methods = kinds_in(options.methods, in_force.methods);
  auto after = kinds_in(options.after, in_force.recognition_after);
  if (!methods) return std::unexpected(methods.error());
  if (!after) return std::unexpected(after.error());
  Body body;
  body.mode = named<Mode>(options.mode);
  body.ask = named<Ask>(options.ask);
  body.methods = std::move(*methods);
  body.skip_days = options.skip_days;
  body.enroll_at_sign_in = on(options.enroll);
  body.ask_sso = on(options.sso);
  body.backup_codes = on(options.backup);
  body.code_length = options.code_length;
  body.uv = named<webauthn::UserVerification>(options.uv);
  body.unknown_users = named<UnknownUsers>(options.unknown_users);
  body.recognition_for_everyone =
      options.everyone ? std::optional(*options.everyone == "everyone") : std::nullopt;
  body.recognition_after = std::move(*after);
  if (options.services) body.recognition_services = words_in(*options.services);
  body.recognition_disuse_days = options.disuse_days;
  body.recognition_maximum_days = options.maximum_days;
  body.recognition_hardware_bound = on(options.hardware);
  body.grace_hours = options.grace_hours;
  if (options.grace_services) body.grace_services = words_in(*options.grace_services);
  if (options.add) body.add = true;
  if (options.forget_enrollments) body.forget_enrollments = true;
  if (options.forget_machines) body.forget_machines = true;
  if (options.force) body.force = true;
  return body;
}

std::string names_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 10; ++i)
    text += (i == 0 ? "" : ", ") +
            (names[i].empty() ? std::string("(no location)") : escape_text(names[i]));
  return names.size() > 10 ? text + ", ..." : text;
}

std::string kinds_text(const std::vector<Kind>& kinds) {
  std::string text;
  for (const Kind kind : kinds) text += (text.empty() ? "" : ", ") + std::string(to_name(kind));
  return text;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows rows_of(const api::PolicyView& policy) {
  Rows rows;
  const auto row = [&](std::string_view name, std::string value) {
    rows.emplace_back(name, std::move(value));
  };
  row("audience", escape_text(policy.audience) + (policy.set ? "" : " (nobody set one)"));
  row("mode", std::string(to_name(policy.mode)));
  row("ask", std::string(to_name(policy.ask)));
  row("methods", kinds_text(policy.methods));
  if (policy.mode == Mode::optional)
    row("skip", policy.skip_days == 0 ? "until it is undone"
                                      : fmt::format("for {} days", policy.skip_days));
  row("without factor",
      policy.enroll_at_sign_in ? "enrols at the sign-in" : "an administrator enrols");
  row("single sign-on", policy.ask_sso ? "asked too" : "not asked");
  row("backup codes", policy.backup_codes ? "on" : "off");
  row("sent codes", fmt::format("{} digits", policy.code_length));
  row("keys ask", std::string(to_name(policy.uv)) + " user verification");
  if (policy.unknown_users == UnknownUsers::allow) row("unknown users", "let in");
  if (policy.ask == Ask::unrecognized)
    row("recognition",
        fmt::format("for {}, after {}, for {}; lapses after {} days of disuse, {} in all{}",
                    policy.recognition_for_everyone ? "everyone" : "the user",
                    kinds_text(policy.recognition_after),
                    escape_text(fmt::format("{}", fmt::join(policy.recognition_services, ", "))),
                    policy.recognition_disuse_days, policy.recognition_maximum_days,
                    policy.recognition_hardware_bound ? "; keys in a TPM only" : ""));
  if (policy.grace_hours != 0)
    row("grace",
        fmt::format("{} hours for {}", policy.grace_hours,
                    escape_text(fmt::format("{}", fmt::join(policy.grace_services, ", ")))));
  return rows;
}

void show_policy(const Output& out, const api::PolicyView& policy) {
  for (const auto& [name, value] : rows_of(policy)) out.line(fmt::format("{:<16} {}", name, value));
  if (policy.mode == Mode::off)
    out.line("The mode is off: nobody in this audience is asked for a second factor.");
}

// Only what differs from before.
void show_changes(const Output& out, const api::PolicyView& before, const api::PolicyView& after) {
  const Rows old = rows_of(before);
  bool any = false;
  for (const auto& [name, value] : rows_of(after)) {
    const auto was = std::ranges::find(old, name, &Rows::value_type::first);
    if (name == "audience" || (was != old.end() && was->second == value)) continue;
    out.line(fmt::format("{:<16} {}{}", name, value,
                         was != old.end() ? " (was: " + was->second + ")" : ""));
    any = true;
  }
  if (!any) out.line("The policy of " + escape_text(after.audience) + " stays as it is.");
}

void show_effect(const Output& out, const api::PolicyEffect& effect) {
  const std::string_view users = effect.users == 1 ? "user" : "users";
  if (effect.policy.mode == Mode::off)
    out.line(fmt::format("{} {}: nobody is asked for a second factor while the mode is off",
                         effect.users, users));
  else
    out.line(fmt::format(
        "{} {}: {} with a working factor, {} would have to enrol{}, {} could not get in",
        effect.users, users, effect.verify, effect.enroll,
        effect.policy.mode == Mode::optional ? " or skip" : "", effect.locked_out));
  if (!effect.must_enroll.empty()) out.line("must enrol: " + names_of(effect.must_enroll));
  if (!effect.would_be_locked_out.empty())
    out.bad("locked out: " + names_of(effect.would_be_locked_out));
  if (!effect.locations_without.empty())
    out.bad("locations where nobody has a working factor: " + names_of(effect.locations_without));
  if (effect.machines_lapse != 0)
    out.line(fmt::format("{} recognized machines would no longer be: {}", effect.machines_lapse,
                         names_of(effect.lapsing_machines)));
  for (const std::string& each : effect.loosens) out.line("loosens: " + escape_text(each));
  for (const std::string& each : effect.warnings) out.line("note: " + escape_text(each));
  if (effect.every_admin_locked_out)
    out.bad("every administrator would be locked out: refused unless --force");
}

Result<void> confirm(const Front& front, const PolicyOptions& options) {
  if (options.yes) return {};
  if (front.json || isatty(STDIN_FILENO) != 1)
    return fail(Code::invalid, "look at it with --dry-run, then give --yes to set it");
  const auto answer = TRY(ask("Set it? It is in force at once [y/N] ", false));
  if (answer.expose_text() == "y" || answer.expose_text() == "yes") return {};
  return fail(Code::cancelled, "nothing was changed");
}

// Of a new audience: what holds where nobody set anything.
Result<api::PolicyView> in_force_or_new(Front& front, const PolicyOptions& options) {
  Result<api::PolicyView> policy =
      front.get<api::PolicyView>(path_of("/v1/policies/", options.audience));
  if (policy || !options.add || policy.error().code != Code::not_found) return policy;
  const auto all = TRY(front.get<api::PolicyList>("/v1/policies"));
  const auto unset = std::ranges::find(all.policies, false, &api::PolicyView::set);
  return unset != all.policies.end() ? *unset : api::PolicyView{};
}

void set(Front& front, const PolicyOptions& options) {
  const std::string path = path_of("/v1/policies/", options.audience);
  const Result<api::PolicyView> in_force = in_force_or_new(front, options);
  if (!in_force) return front.fail_with(in_force.error());
  Result<Body> body = body_of(options, *in_force);
  if (!body) return front.fail_with(body.error());
  body->dry_run = true;
  const auto effect = front.call<api::PolicyEffect>("PATCH", path, *body);
  if (!effect) return front.fail_with(effect.error());
  if (!front.json) show_changes(front.out(), *in_force, effect->policy);
  if (!front.json) show_effect(front.out(), *effect);
  if (options.dry_run) return front.out().object(front.answer());
  if (auto sure = confirm(front, options); !sure) return front.fail_with(sure.error());
  body->dry_run = std::nullopt;
  body->confirm = effect->change;
  const auto done = call_verified<api::PolicyEffect>(front, "PATCH", path, *body, options.fresh);
  if (!done) return front.fail_with(done.error());
  front.out().object(front.answer());
  front.out().good("set: the policy of " + escape_text(options.audience) + " is in force");
  if (done->rests_on == "bootstrap")
    front.out().line(
        "It rests on bootstrap: no fresh verification was needed, because no administrator holds a "
        "factor yet.");
}

void show_policies(Front& front, const std::string& audience) {
  if (!audience.empty()) {
    const auto policy = front.get<api::PolicyView>(path_of("/v1/policies/", audience));
    if (!policy) return front.fail_with(policy.error());
    front.out().object(front.answer());
    if (!front.json) show_policy(front.out(), *policy);
    return;
  }
  const auto all = front.get<api::PolicyList>("/v1/policies");
  if (!all) return front.fail_with(all.error());
  front.out().object(front.answer());
  std::vector<std::vector<std::string>> rows;
  for (const api::PolicyView& each : all->policies)
    rows.push_back({each.audience, std::string(to_name(each.mode)), std::string(to_name(each.ask)),
                    kinds_text(each.methods), each.set ? "" : "not set"});
  front.out().table({"AUDIENCE", "MODE", "ASK", "METHODS", ""}, rows, "There are no audiences.");
}

// What the policy in force means today: a dry run that changes nothing.
Result<api::PolicyEffect> look_at(Front& front, const std::string& audience) {
  Body body;
  body.dry_run = true;
  return front.call<api::PolicyEffect>("PATCH", path_of("/v1/policies/", audience), body);
}

void tell(Front& front, const api::PolicyEffect& effect) {
  if (!front.json) show_policy(front.out(), effect.policy);
  if (!front.json) show_effect(front.out(), effect);
  if (effect.locked_out != 0 || !effect.locations_without.empty() || effect.every_admin_locked_out)
    front.exit = Exit::denied;
}

void check(Front& front, const std::string& audience) {
  const auto effect = look_at(front, audience);
  if (!effect) return front.fail_with(effect.error());
  front.out().object(front.answer());
  tell(front, *effect);
}

void check_all(Front& front) {
  const auto all = front.get<api::PolicyList>("/v1/policies");
  if (!all) return front.fail_with(all.error());
  std::string json;
  for (const api::PolicyView& each : all->policies) {
    const auto effect = look_at(front, each.audience);
    if (!effect) return front.fail_with(effect.error());
    json += (json.empty() ? "" : ",") + front.answer();
    if (each.audience != all->policies.front().audience) front.out().line("");
    tell(front, *effect);
  }
  front.out().object("{\"policies\":[" + json + "]}");
}

void add_set_options(Command& verb, PolicyOptions& options) {
  const auto flag = [&](const char* name, std::optional<std::string>& into, const char* about) {
    verb.add_option(name, into, about)->one_of({"on", "off"});
  };
  verb.add_option("--mode", options.mode, "off, optional or required")
      ->one_of({"off", "optional", "required"});
  verb.add_option("--ask", options.ask, "always, or at unrecognized machines")
      ->one_of({"always", "unrecognized"});
  verb.add_option(
      "--methods", options.methods,
      "Kinds of authenticators that count, like totp,fido2,piv,email; +sms,-hotp changes the list");
  verb.add_option("--skip-days", options.skip_days,
                  "Mode optional: how long a skip is remembered; 0: until it is undone");
  flag("--enroll-at-sign-in", options.enroll,
       "Users without a factor enrol one at the sign-in: on or off");
  flag("--ask-sso", options.sso, "Ask single sign-on users too: on or off");
  flag("--backup-codes", options.backup, "Whether they are made and work: on or off");
  verb.add_option("--code-length", options.code_length, "Digits of codes that are sent, 4 to 8");
  verb.add_option("--uv", options.uv, "What keys ask of their user")
      ->one_of({"required", "preferred", "discouraged"});
  verb.add_option("--unknown-users", options.unknown_users, "deny or allow")
      ->one_of({"deny", "allow"});
  verb.add_option("--recognize-for", options.everyone,
                  "Whom a verification makes a machine recognized for: everyone, or the user")
      ->one_of({"everyone", "user"});
  verb.add_option("--recognize-after", options.after, "Kinds of authenticators that do so");
  verb.add_option("--recognize-services", options.services,
                  "Services it counts for, like web,kiosk; * is all but sshd, sudo and su");
  verb.add_option("--disuse-days", options.disuse_days,
                  "A machine lapses when not used for so long");
  verb.add_option("--maximum-days", options.maximum_days,
                  "A machine lapses after so long in any case");
  flag("--hardware-bound", options.hardware, "Only machines whose key lives in a TPM: on or off");
  verb.add_option("--grace-hours", options.grace_hours,
                  "So long a verification counts in the same login session; 0: not at all");
  verb.add_option("--grace-services", options.grace_services,
                  "For these services, like screen-unlock");
}

}  // namespace

void add_policy(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto options = std::make_shared<PolicyOptions>();
  Command* verb = noun.add_subcommand(
      "show", "Show what an audience is asked at its sign-ins; without a name, all");
  verb->add_option("AUDIENCE", options->audience, "staff, client, ...");
  verb->callback([&front, options] { show_policies(front, options->audience); });

  verb = noun.add_subcommand(
      "set", "Change a policy: shows what it would do, asks, and sets it; in force at once");
  verb->add_option("AUDIENCE", options->audience, "staff, client, ...")->required();
  add_set_options(*verb, *options);
  verb->add_flag("--new", options->add, "The audience is a new one");
  verb->add_flag("--forget-enrolments", options->forget_enrollments,
                 "Everybody in the audience has to enrol again");
  verb->add_flag("--forget-machines", options->forget_machines, "Every machine's recognition ends");
  verb->add_flag("--dry-run", options->dry_run, "Only show what it would do");
  verb->add_flag("--yes", options->yes, "Do not ask");
  verb->add_flag("--force", options->force, "Although every administrator would be locked out");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { set(front, *options); });

  verb = noun.add_subcommand("check",
                             "Say who the policy in force locks out, and which locations have "
                             "nobody with a working factor; exit code 1 if any");
  verb->add_option("AUDIENCE", options->audience, "staff, client, ...; without it each of them");
  verb->callback([&front, options] {
    if (options->audience.empty())
      check_all(front);
    else
      check(front, options->audience);
  });
}

}  // namespace countersign::cli
