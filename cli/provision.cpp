// SPDX-License-Identifier: Apache-2.0
// countersign device provision: cards that are issued here.
#include "cli/provision.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/helper.h"
#include "cli/tap.h"
#include "core/text.h"
#include "daemon/api/cards.h"
#include "daemon/api/types.h"

namespace countersign::cli {
namespace {

// The body; the id stands in the path.
struct Body {
  std::string user;
  std::optional<std::string> slot, algorithm, pin_policy, touch_policy;
  std::optional<int> days;
  int seconds = 60;
  static constexpr auto fields() {
    return std::tuple(api::Field{"user", &Body::user, ""}, api::Field{"slot", &Body::slot, ""}, api::Field{"algorithm", &Body::algorithm, ""},
                      api::Field{"pin_policy", &Body::pin_policy, ""}, api::Field{"touch_policy", &Body::touch_policy, ""}, api::Field{"days", &Body::days, ""},
                      api::Field{"seconds", &Body::seconds, ""});
  }
};

struct Options {
  std::string id = "any";
  Body body = {};
  TapOptions tap;
};

void provision(Front& front, const Options& options) {
  Body body = options.body;
  body.seconds = options.tap.seconds;
  Result<api::CardProvisioned> card = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap);
    card = front.call<api::CardProvisioned>("POST", path_of("/v1/devices/", options.id, "/provision"), body);
  }
  if (!card) return front.fail_with(card.error());
  front.out().object(front.answer());
  const Output out = front.out();
  out.good(escape_text(fmt::format("provisioned: {}, serial {}, {} in slot {}{}", card->model, card->serial, card->algorithm, card->slot,
                                   card->attestation ? ", attested by the card" : ", without an attestation")));
  if (!card->management_key_set) out.line("Its management key stays as it was.");
  out.line(escape_text(fmt::format("Next: countersign enroll piv --user {} --slot {}", body.user, card->slot)));
}

void reveal(Front& front, const std::string& serial) {
  const auto secrets = front.call<api::CardSecretsView>("POST", path_of("/v1/cards/", serial, "/reveal"), api::Nothing{});
  if (!secrets) return front.fail_with(secrets.error());
  front.out().object(front.answer());
  front.out().line(escape_text(fmt::format("PUK             {}", secrets->puk.expose_text())));
  front.out().line(escape_text(fmt::format("management key  {}", secrets->management_key.expose_text())));
}

}  // namespace

void add_card_provisioning(CLI::App& provisioning, Front& front) {
  auto options = std::make_shared<Options>();
  CLI::App* piv = provisioning.add_subcommand("piv", "Issue a card: a key made on it, a certificate by the authority ('ca init'), new PIN, PUK and management key");
  piv->add_option("--user", options->body.user, "Whose card it becomes")->required();
  piv->add_option("--device", options->id, "Id from 'countersign device list'; needed only when several cards are there");
  piv->add_option("--slot", options->body.slot, "9a (default), 9c or 9e")->check(CLI::IsMember({"9a", "9c", "9e"}));
  piv->add_option("--algorithm", options->body.algorithm, "Of the key; P-256 by default")
      ->check(CLI::IsMember({"P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"}));
  piv->add_option("--pin-policy", options->body.pin_policy, "When the key wants the PIN")->check(CLI::IsMember({"never", "once", "always"}));
  piv->add_option("--touch-policy", options->body.touch_policy, "When the key wants a touch")->check(CLI::IsMember({"never", "always", "cached"}));
  piv->add_option("--days", options->body.days, "How long the certificate is valid; 730 by default")->check(CLI::Range(1, 3650));
  add_tap_options(*piv, options->tap, true);
  piv->callback([&front, options] { provision(front, *options); });
}

void add_reveal(CLI::App& noun, Front& front) {
  auto serial = std::make_shared<std::string>();
  CLI::App* shown = noun.add_subcommand("reveal", "Show PUK and management key of a card that was provisioned here; it is recorded who asked");
  shown->add_option("SERIAL", *serial, "Serial number of the card")->required();
  shown->callback([&front, serial] { reveal(front, *serial); });
}

}  // namespace countersign::cli
