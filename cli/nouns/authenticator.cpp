// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "cli/nouns/export.h"
#include "cli/nouns/tokens/provision.h"
#include "cli/pages.h"
#include "core/base/text.h"
#include "daemon/api/attestation.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::cli {
namespace {

struct AuthenticatorOptions {
  std::string id, label, user, kind, status, serial, format, expiring;
  std::vector<std::string> codes;
  bool at_risk = false;
  FreshOptions fresh;
};

// What PATCH takes beside the id in its path.
using Body = api::BodyOf<api::AuthenticatorSet>;

void show(Front& front, const api::AuthenticatorView& view) {
  const Output out = front.out();
  const auto row = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out.line(fmt::format("{:<12} {}", name, escape_text(value)));
  };
  row("id", view.id);
  row("user", view.user);
  row("kind", to_name(view.kind));
  row("state", to_name(view.status));
  row("label", view.label);
  row("serial", view.serial);
  if (view.algorithm)
    row("codes", fmt::format("{} digits, {}{}", view.digits.value_or(0), to_name(*view.algorithm),
                             view.period ? fmt::format(", every {} s", *view.period) : ""));
  if (view.codes_left) row("codes left", fmt::to_string(*view.codes_left));
  row("bound", api::to_rfc3339(view.created));
  row("basis", view.basis);
  if (view.not_after) row("certificate", "until " + api::to_rfc3339(*view.not_after));
  if (view.last_used) row("last used", api::to_rfc3339(*view.last_used));
  if (view.ended) row("revoked", api::to_rfc3339(*view.ended));
}

// "30d" or "30".
std::string days_in(const std::string& text) {
  return text.ends_with('d') ? text.substr(0, text.size() - 1) : text;
}

void list(Front& front, const AuthenticatorOptions& options) {
  if (options.format == "csv" && front.json)
    return front.fail_with({Code::invalid, "give either --format csv or --json"});
  Query query;
  query.add("user", options.user);
  query.add("kind", options.kind);
  query.add("status", options.status);
  query.add("serial", options.serial);
  if (!options.expiring.empty()) query.add("expiring", days_in(options.expiring));
  if (options.format == "csv") return export_authenticators(front, query);
  std::vector<std::vector<std::string>> rows;
  const auto listed = all_pages<api::AuthenticatorPage, api::AuthenticatorView>(
      front, "/v1/authenticators", query, "authenticators", &api::AuthenticatorPage::authenticators,
      [&](const api::AuthenticatorView& view) {
        rows.push_back({view.id, view.user, std::string(to_name(view.kind)),
                        std::string(to_name(view.status)), view.label, view.serial,
                        view.last_used ? api::to_rfc3339(*view.last_used) : "never",
                        view.not_after ? api::to_rfc3339(*view.not_after) : ""});
      });
  if (!listed) return front.fail_with(listed.error());
  front.out().table(
      {"ID", "USER", "KIND", "STATE", "LABEL", "SERIAL", "LAST USED", "CERTIFICATE UNTIL"}, rows,
      "There are no such authenticators.");
}

void list_at_risk(Front& front) {
  const auto page = front.get<api::AtRiskPage>("/v1/attestation/at-risk");
  if (!page) return front.fail_with(page.error());
  front.out().object(front.answer());
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : page->authenticators)
    rows.push_back({each.id, each.user, each.label, each.reason});
  front.out().table({"ID", "USER", "LABEL", "WHY"}, rows,
                    "No enrolled security key has a known problem.");
}

void patch(Front& front, const AuthenticatorOptions& options, const Body& body,
           std::string_view done) {
  const auto view = call_verified<api::AuthenticatorView>(
      front, "PATCH", path_of("/v1/authenticators/", options.id), body, options.fresh);
  if (!view) return front.fail_with(view.error());
  front.out().object(front.answer());
  front.out().good(fmt::format("{}: {} {} of {}", done, to_name(view->kind), view->id,
                               view->user.empty() ? "nobody" : escape_text(view->user)));
}

void resync(Front& front, const AuthenticatorOptions& options) {
  api::BodyOf<api::ResyncRequest> body;
  for (const std::string& code : options.codes) body.codes.emplace_back(code);
  const auto view = front.call<api::AuthenticatorView>(
      "POST", path_of("/v1/authenticators/", options.id, "/resync"), body);
  if (!view) return front.fail_with(view.error());
  front.out().object(front.answer());
  front.out().good(fmt::format("in step again: {} {}", to_name(view->kind), view->id));
}

}  // namespace

void add_authenticator(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto options = std::make_shared<AuthenticatorOptions>();
  const auto verb_with_id = [&](const std::string& name, const std::string& about) {
    Command* verb = noun.add_subcommand(name, about);
    verb->add_option("ID", options->id, "Id of the authenticator")->required();
    return verb;
  };

  Command* verb = noun.add_subcommand("list", "List authenticators, without anything secret");
  verb->add_option("--user", options->user, "Only of this user");
  verb->add_option("--kind", options->kind, "Only of this kind: totp, hotp, backup-codes, ...");
  verb->add_option("--status", options->status,
                   "Only in this state: unassigned, active, suspended or revoked");
  verb->add_option("--serial", options->serial, "Only with this serial");
  verb->add_option(
          "--expiring", options->expiring,
          "Only active cards whose certificate ends within so long, e.g. 30d, or has ended")
      ->check(
          [](const std::string& text) {
            return days_in(text).find_first_not_of("0123456789") == std::string::npos &&
                           !days_in(text).empty()
                       ? std::string()
                       : "give a number of days, like 30d";
          },
          "DAYS");
  verb->add_option("--format", options->format, "text, or csv for a spreadsheet")
      ->one_of({"text", "csv"});
  verb->add_flag(
      "--at-risk", options->at_risk,
      "Security keys that today's rules and metadata would refuse, or advisories warn of");
  verb->callback([&front, options] {
    if (options->at_risk)
      list_at_risk(front);
    else
      list(front, *options);
  });

  verb = verb_with_id("show", "Show one authenticator");
  verb->callback([&front, options] {
    const auto view =
        front.get<api::AuthenticatorView>(path_of("/v1/authenticators/", options->id));
    if (!view) return front.fail_with(view.error());
    front.out().object(front.answer());
    show(front, *view);
  });
  verb = verb_with_id("rename", "Give it another label");
  verb->add_option("LABEL", options->label, "The new label")->required();
  verb->callback([&front, options] {
    patch(front, *options, {{.id = {}, .label = options->label, .status = {}, .confirm = {}}},
          "renamed");
  });
  verb = verb_with_id("suspend", "Stop it, until resumed");
  verb->callback([&front, options] {
    patch(front, *options, {{.id = {}, .label = {}, .status = Status::suspended, .confirm = {}}},
          "suspended");
  });
  verb = verb_with_id("resume", "End its suspension");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] {
    patch(front, *options, {{.id = {}, .label = {}, .status = Status::active, .confirm = {}}},
          "resumed");
  });
  verb = verb_with_id("confirm",
                      "Vouch for its owner: from then on it serves for fresh verifications, too");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] {
    patch(front, *options, {{.id = {}, .label = {}, .status = {}, .confirm = true}}, "confirmed");
  });
  verb = verb_with_id("revoke", "Stop it for good");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] {
    patch(front, *options, {{.id = {}, .label = {}, .status = Status::revoked, .confirm = {}}},
          "revoked");
  });
  add_renew(noun, front);
  verb = verb_with_id("resync",
                      "Find the counter of a HOTP token or the clock of a TOTP token again by two "
                      "consecutive codes");
  verb->add_option("CODE", options->codes, "The two codes, in order")->expected(2)->required();
  verb->callback([&front, options] { resync(front, *options); });
}

}  // namespace countersign::cli
