// SPDX-License-Identifier: Apache-2.0
// countersign device provision: cards that are issued here.
#include "cli/nouns/tokens/provision.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns/tokens/issue_options.h"
#include "cli/tap.h"
#include "core/base/text.h"
#include "daemon/api/cards.h"
#include "daemon/api/problem.h"

namespace countersign::cli {
namespace {

// The bodies; the ids stand in the paths.
struct ProvisionBody : IssueBody {
  std::string user;
  std::optional<std::string> slot, label;
  static api::Fields fields() {
    return {api::Field{"user", &ProvisionBody::user, ""},
            api::Field{"slot", &ProvisionBody::slot, ""},
            api::Field{"label", &ProvisionBody::label, ""},
            api::Field{"algorithm", &ProvisionBody::algorithm, ""},
            api::Field{"pin_policy", &ProvisionBody::pin_policy, ""},
            api::Field{"touch_policy", &ProvisionBody::touch_policy, ""},
            api::Field{"days", &ProvisionBody::days, ""},
            api::Field{"seconds", &ProvisionBody::seconds, ""},
            api::Field{"request", &ProvisionBody::request, ""},
            api::Field{"certificate", &ProvisionBody::certificate, ""},
            api::Field{"authority", &ProvisionBody::authority, ""},
            api::Field{"authority_key", &ProvisionBody::authority_key, ""},
            api::Field{"management_key", &ProvisionBody::management_key, ""}};
  }
};
struct RenewBody : IssueBody {
  std::optional<bool> new_key;
  static api::Fields fields() {
    return {api::Field{"new_key", &RenewBody::new_key, ""},
            api::Field{"algorithm", &RenewBody::algorithm, ""},
            api::Field{"pin_policy", &RenewBody::pin_policy, ""},
            api::Field{"touch_policy", &RenewBody::touch_policy, ""},
            api::Field{"days", &RenewBody::days, ""},
            api::Field{"seconds", &RenewBody::seconds, ""},
            api::Field{"request", &RenewBody::request, ""},
            api::Field{"certificate", &RenewBody::certificate, ""},
            api::Field{"authority", &RenewBody::authority, ""},
            api::Field{"authority_key", &RenewBody::authority_key, ""},
            api::Field{"management_key", &RenewBody::management_key, ""}};
  }
};

struct ProvisionOptions {
  std::string device = "any", user, authenticator;
  std::optional<std::string> slot, label;
  bool new_key = false;
  IssueOptions issue;
  TapOptions tap;
  FreshOptions fresh;
};

template <class Body>
Result<api::CardProvisioned> send(Front& front, const ProvisionOptions& options,
                                  const std::string& path, Body& body) {
  body.seconds = options.tap.seconds;
  TRY(read_issue(options.issue, body));
  const TapSession session(front, options.tap);
  return call_verified<api::CardProvisioned>(front, "POST", path, std::move(body), options.fresh);
}

void provision(Front& front, const ProvisionOptions& options) {
  ProvisionBody body;
  body.user = options.user;
  body.slot = options.slot;
  body.label = options.label;
  const auto card =
      send(front, options, path_of("/v1/devices/", options.device, "/provision"), body);
  show_card(front, options.issue, card, "provisioned",
            fmt::format("countersign device provision piv --user {}{}", options.user,
                        options.slot ? " --slot " + *options.slot : ""));
}

void renew(Front& front, const ProvisionOptions& options) {
  RenewBody body;
  if (options.new_key) body.new_key = true;
  const auto card =
      send(front, options, path_of("/v1/authenticators/", options.authenticator, "/renew"), body);
  show_card(front, options.issue, card, "renewed",
            "countersign authenticator renew " + options.authenticator);
}

struct Reveal {
  std::string serial;
  FreshOptions fresh;
};

void reveal(Front& front, const Reveal& options) {
  const auto secrets = call_verified<api::CardSecretsView>(
      front, "POST", path_of("/v1/cards/", options.serial, "/reveal"), api::Nothing{},
      options.fresh);
  if (!secrets) return front.fail_with(secrets.error());
  front.out().object(front.answer());
  front.out().line(escape_text(fmt::format("PUK             {}", secrets->puk.expose_text())));
  front.out().line(
      escape_text(fmt::format("management key  {}", secrets->management_key.expose_text())));
}

}  // namespace

void add_card_provisioning(Command& provisioning, Front& front) {
  auto options = std::make_shared<ProvisionOptions>();
  options->tap.new_pin_was_set = true;
  Command* piv =
      provisioning.add_subcommand("piv",
                                  "Issue a card: a key made on it, a certificate, new PIN, PUK and "
                                  "management key; and enrol it for its user");
  piv->add_option("--user", options->user, "Whose card it becomes")->required();
  piv->add_option("--device", options->device,
                  "Id from 'countersign device list'; needed only when several cards are there");
  piv->add_option("--slot", options->slot, "9a (default), 9c or 9e")->one_of({"9a", "9c", "9e"});
  piv->add_option("--label", options->label, "A name for the authenticator");
  add_issue_options(*piv, options->issue);
  add_tap_options(*piv, options->tap, true);
  add_fresh_options(*piv, options->fresh);
  piv->callback([&front, options] { provision(front, *options); });
}

void add_renew(Command& noun, Front& front) {
  auto options = std::make_shared<ProvisionOptions>();
  Command* verb =
      noun.add_subcommand("renew",
                          "Put a new certificate on a user's PIV card, without resetting it; what "
                          "it still has of its factory is replaced, too");
  verb->add_option("ID", options->authenticator, "Id of the authenticator")->required();
  verb->add_flag("--new-key", options->new_key, "Make another key in its slot, too");
  options->tap.new_pin_was_set = true;
  add_issue_options(*verb, options->issue);
  add_tap_options(*verb, options->tap, true);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { renew(front, *options); });
}

void add_reveal(Command& noun, Front& front) {
  auto options = std::make_shared<Reveal>();
  Command* shown = noun.add_subcommand(
      "reveal",
      "Show PUK and management key of a card that was provisioned here; it is recorded who asked");
  shown->add_option("SERIAL", options->serial, "Serial number of the card")->required();
  add_fresh_options(*shown, options->fresh);
  shown->callback([&front, options] { reveal(front, *options); });
}

}  // namespace countersign::cli
