// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/card_scene.h"

#include <unistd.h>

#include <fstream>

#include "cli/local/helper.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/decode.h"

namespace countersign::demo {
namespace {

// A software card, inserted for as long as this is there.
Result<ChildProcess> insert_card(const Stage& stage) {
  const std::string base = stage.folder() + "/state/virtual/card",
                    log = stage.folder() + "/card.log";
  auto child =
      TRY(Program({cli::program_path("countersign-virtual"), "serve", "--kind", "card", "--socket",
                   base + ".sock", "--state", base + ".state", "--die-with-parent"})
              .no_input()
              .log_to(log)
              .start());
  for (int tries = 0; tries < 400; ++tries) {  // until the daemon has seen it, too
    const auto list = stage.answer({"device", "list"});
    if (list && list->find("software-card") != std::string::npos) return child;
    usleep(25'000);
  }
  return fail(Code::unavailable, "the software card did not start; its log: " + log);
}

}  // namespace

Result<void> erin_gets_a_card(const Stage& stage) {
  stage.heading(
      "IT makes an authority for cards, and issues one to Erin (again a software one): key, "
      "certificate, PIN, enrolment in one step");
  const auto card = TRY(insert_card(stage));
  const std::string pin = stage.folder() + "/erins-pin";
  if (!(std::ofstream(pin) << "246810\n")) return fail(Code::unavailable, "can't write " + pin);
  TRY(stage.run({"user", "add", "erin", "--name", "Erin E.", "--location", "berlin", "--email",
                 "e@example.org"}));
  TRY(stage.run({"ca", "init", "--name", "Demo cards"}));
  TRY(stage.run({"device", "list"}));
  TRY(stage.run(
      {"device", "provision", "piv", "--user", "erin", "--days", "20", "--new-pin-file", pin}));
  stage.heading(
      "Erin signs in: the card asks for her PIN, and its certificate is judged each time");
  TRY(stage.run({"verify", "--user", "erin", "--tap", "--service", "login", "--pin-file", pin}));
  stage.heading("Before the certificate ends, IT renews it in place");
  TRY(stage.run({"authenticator", "list", "--expiring", "30d"}));
  const auto expiring = TRY(stage.answer({"authenticator", "list", "--expiring", "30d"}));
  const auto page = api::decode<api::AuthenticatorPage>(expiring);
  if (!page || page->authenticators.size() != 1)
    return fail(Code::internal, "one card's certificate should end soon");
  return stage.run({"authenticator", "renew", page->authenticators.front().id, "--pin-file", pin});
}

}  // namespace countersign::demo
