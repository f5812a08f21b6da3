// SPDX-License-Identifier: Apache-2.0
// countersign-demo: the story that 'countersign demo' tells, on real components.
#include <fmt/format.h>

#include <cstring>

#include "cli/demo/card_scene.h"
#include "cli/demo/stage.h"
#include "cli/demo/yubikey_scene.h"
#include "cli/output/qr.h"
#include "core/base/text.h"
#include "core/encoding/base32.h"
#include "core/factors/hotp.h"
#include "core/factors/totp.h"
#include "daemon/api/authenticators.h"

using namespace countersign;
using demo::Stage;

namespace {

// What the phone in the story shows, so many steps from now.
std::string phone_code(const api::EnrollResult& enrolled, int steps) {
  const Result<Secret> secret = formats::base32_decode(enrolled.secret->expose_text());
  const Time now = std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
  return secret ? hotp::code_at(OathParameters{}, *secret,
                                totp::step_at(OathParameters{}, now) + steps)
                : std::string();
}

Result<void> people_join(const Stage& stage) {
  stage.heading("Three people join");
  TRY(stage.run({"user", "add", "alice", "--name", "Alice A.", "--location", "berlin", "--email",
                 "a@example.org"}));
  TRY(stage.run({"user", "add", "bob", "--name", "Bob B.", "--location", "berlin"}));
  return stage.run({"user", "add", "carol", "--name", "Carol C.", "--location", "lisbon"});
}

Result<api::EnrollResult> alice_binds_her_phone(const Stage& stage) {
  stage.heading("Alice binds her phone");
  Result<api::EnrollResult> enrolled = stage.enroll({"enroll", "totp", "--user", "alice"});
  if (!enrolled) return enrolled;
  if (!enrolled->otpauth || !enrolled->secret)
    return fail(Code::internal, "the enrolment lacks its secret");
  const std::string picture = TRY(cli::qr_terminal(enrolled->otpauth->expose_text()));
  stage.say(picture);
  stage.say(fmt::format(
      "  {}\n  (scan it with any authenticator app; in this story the demo plays the phone)",
      enrolled->otpauth->expose_text()));
  TRY(stage.run({"enroll", "confirm", enrolled->id, "--code", phone_code(*enrolled, 0)}));
  return enrolled;
}

Result<void> a_code_works_once(const Stage& stage, const api::EnrollResult& alice) {
  stage.heading("A code works once");
  const std::string code = phone_code(alice, 1);
  TRY(stage.run({"verify", "--user", "alice", "--code", code}));
  return stage.run({"verify", "--user", "alice", "--code", code}, 1);
}

Result<void> backup_codes(const Stage& stage) {
  stage.heading("Backup codes, for the day the phone is lost");
  const api::EnrollResult backup =
      TRY(stage.enroll({"enroll", "backup-codes", "--user", "alice", "--count", "4"}));
  if (!backup.codes || backup.codes->empty()) return fail(Code::internal, "no backup codes came");
  for (const Secret& code : *backup.codes) stage.say(fmt::format("  {}", code.expose_text()));
  const std::string code(backup.codes->front().expose_text());
  TRY(stage.run({"verify", "--user", "alice", "--code", code}));
  return stage.run({"verify", "--user", "alice", "--code", code}, 1);
}

Result<void> bob_taps_a_key(const Stage& stage) {
  stage.heading(
      "Bob has a security key (here a software one, on the real wire format; it touches itself)");
  TRY(stage.run({"device", "list"}));
  TRY(stage.run({"enroll", "fido2", "--user", "bob", "--discoverable", "--label", "blue key"}));
  TRY(stage.run({"verify", "--user", "bob", "--tap", "--service", "sudo"}));
  stage.heading("A tap alone says who it is");
  return stage.run({"verify", "--tap", "--service", "kiosk"});
}

Result<void> it_sets_a_policy(const Stage& stage) {
  stage.heading("IT asks staff for a second factor, and sees first what that would do");
  TRY(stage.run({"policy", "set", "staff", "--mode", "optional", "--dry-run"}));
  TRY(stage.run({"policy", "set", "staff", "--mode", "optional", "--yes"}));
  stage.heading("A login service asks what Bob and Carol need after their passwords");
  TRY(stage.run({"sign-in", "begin", "--user", "bob", "--primary", "password", "--service", "web"},
                10));
  return stage.run(
      {"sign-in", "begin", "--user", "carol", "--primary", "password", "--service", "web"}, 11);
}

Result<void> somebody_guesses(const Stage& stage) {
  stage.heading("Somebody guesses at Alice's codes: after ten wrong ones, codes wait");
  stage.say(
      "$ for code in 000001 000002 ... 000010; do countersign verify --user alice --code $code; "
      "done");
  for (int guess = 1; guess <= 10; ++guess) {
    const int status =
        TRY(stage.quietly({"verify", "--user", "alice", "--code", fmt::format("{:06}", guess)}));
    if (status != 1) return fail(Code::internal, "a guess was not denied");
  }
  TRY(stage.run({"verify", "--user", "alice", "--code", "000011"}, 1));
  return stage.run({"user", "reopen", "alice"});
}

Result<void> it_asks(const Stage& stage) {
  stage.heading("IT asks: who has no factor, which location would be locked out, what happened?");
  TRY(stage.run({"user", "list", "--without-factor"}));
  TRY(stage.run({"coverage"}));
  TRY(stage.run({"audit", "list", "--last", "3"}));
  return stage.run({"audit", "verify"});
}

Result<void> tell(const Stage& stage) {
  stage.say(
      fmt::format("A private daemon is running in {}; everything below is real.", stage.folder()));
  TRY(people_join(stage));
  const api::EnrollResult alice = TRY(alice_binds_her_phone(stage));
  TRY(a_code_works_once(stage, alice));
  TRY(backup_codes(stage));
  TRY(bob_taps_a_key(stage));
  TRY(demo::dave_gets_a_yubikey(stage));
  TRY(demo::erin_gets_a_card(stage));
  TRY(it_sets_a_policy(stage));
  TRY(somebody_guesses(stage));
  return it_asks(stage);
}

void how_to_go_on(const Stage& stage) {
  stage.heading("Go on with your own phone");
  stage.say(
      fmt::format("The daemon goes on running. In this terminal:\n"
                  "  export COUNTERSIGN_SOCKET={}\n"
                  "  countersign user add me\n"
                  "  countersign enroll totp --user me      # scan, then type the first code\n"
                  "  countersign verify --user me\n"
                  "When you are done:\n"
                  "  kill {} && rm -r {}",
                  stage.socket(), stage.daemon(), stage.folder()));
}

}  // namespace

int main(int argc, char** argv) {
  const bool keep = argc > 1 && std::strcmp(argv[1], "--keep") == 0;
  Result<Stage> stage = Stage::set_up(keep);
  const Result<void> told = stage ? tell(*stage) : Result<void>(std::unexpected(stage.error()));
  if (!told) {
    fmt::print(stderr, "countersign: the demo failed: {}\n", escape_text(told.error().what));
    return 7;
  }
  if (keep)
    how_to_go_on(*stage);
  else
    stage->say(
        "\nThat was it. 'countersign demo --keep' leaves the daemon running for your own phone.");
  return 0;
}
