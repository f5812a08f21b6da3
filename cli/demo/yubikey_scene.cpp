// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/yubikey_scene.h"

#include <unistd.h>

#include <filesystem>

#include "cli/local/helper.h"

namespace countersign::demo {
namespace {

// A software YubiKey, plugged in for as long as this is there.
class Yubikey {
 public:
  [[nodiscard]] static Result<Yubikey> plug_in(const Stage& stage) {
    Yubikey key(stage.folder() + "/state/virtual/yubikey");
    key.child_ = TRY(
        Program({cli::program_path("countersign-virtual"), "serve", "--kind", "yubikey", "--socket",
                 key.base_ + ".sock", "--control", key.base_ + ".control", "--die-with-parent"})
            .no_input()
            .log_to(stage.folder() + "/yubikey.log")
            .start());
    for (int tries = 0; tries < 400; ++tries) {
      if (std::filesystem::exists(key.base_ + ".sock.json")) return key;
      usleep(25'000);
    }
    return fail(Code::unavailable,
                "the software YubiKey did not start; its log: " + stage.folder() + "/yubikey.log");
  }

  // What a short touch types, without the Return behind it.
  [[nodiscard]] Result<std::string> touch() const {
    Printed typed = TRY(output_of(Program({cli::program_path("countersign-virtual"), "control",
                                           "--control", base_ + ".control", "type", "1"})));
    if (typed.status != 0) return fail(Code::internal, "the software YubiKey typed nothing");
    while (typed.text.ends_with('\n')) typed.text.pop_back();
    return std::move(typed.text);
  }

 private:
  explicit Yubikey(std::string base) : base_(std::move(base)) {}
  std::string base_;
  ChildProcess child_;
};

}  // namespace

Result<void> dave_gets_a_yubikey(const Stage& stage) {
  stage.heading(
      "IT programs a YubiKey for Dave (again a software one), and enrols it in the same step");
  const auto key = TRY(Yubikey::plug_in(stage));
  TRY(stage.run({"user", "add", "dave", "--name", "Dave D.", "--location", "berlin"}));
  TRY(stage.run({"device", "provision", "yubico-otp", "--user", "dave", "--slot", "1"}));
  stage.heading("A touch types a one-time password, which says who it is; nobody can use it again");
  const auto typed = TRY(key.touch());
  TRY(stage.run({"verify", "--code", typed}));
  TRY(stage.run({"verify", "--code", typed}, 1));
  stage.heading("Slot 2 answers challenges: nothing is typed");
  TRY(stage.run({"enroll", "hmac", "--user", "dave", "--slot", "2"}));
  return stage.run({"verify", "--user", "dave", "--tap", "--service", "login"});
}

}  // namespace countersign::demo
