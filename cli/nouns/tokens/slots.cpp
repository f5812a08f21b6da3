// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/tokens/slots.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/secrets.h"
#include "core/base/text.h"

namespace countersign::cli {
namespace {

std::string kind_name(const SlotOptions& options) {
  return std::string(options.program.kind
                         ? to_name(*options.program.kind)
                         : to_name(options.program.task.value_or(SlotTask::write)));
}

void add_common(Command& verb, const std::shared_ptr<SlotOptions>& options) {
  verb.add_option("--device", options->program.id,
                  "Id from 'countersign device list'; needed only when several are plugged in");
  verb.add_option("--access-code-file", options->access_code_file,
                  "File with the slot's access code, twelve hexadecimal digits; it stays in force");
  verb.add_flag("--force", options->program.force,
                "Overwrite what is in the slot; what it was for stops working");
  add_tap_options(verb, options->tap);
  add_fresh_options(verb, options->fresh);
}

void add_kind(Command& provision, Front& front, SlotKind kind, const std::string& text) {
  auto options = std::make_shared<SlotOptions>();
  options->program.id = "any";
  options->program.kind = kind;
  options->program.slot = kind == SlotKind::yubico_otp || kind == SlotKind::hotp ? 1 : 2;
  Command* const verb = provision.add_subcommand(std::string(to_name(kind)), text);
  auto* const user =
      verb->add_option("--user", options->program.user, "Who it is enrolled for, in the same step");
  verb->add_option("--slot", options->program.slot, "1: a short touch, 2: a long one")
      ->in_range(1, 2)
      ->capture_default_str();
  verb->add_option("--label", options->program.label, "A name for it, shown in lists");
  verb->add_option("--new-access-code-file", options->new_access_code_file,
                   "File with an access code to protect the slot with from now on");
  verb->add_flag("--hide-serial", options->hide_serial,
                 "Don't let programs ask for the serial number by this slot");
  if (kind == SlotKind::hmac)
    verb->add_flag("--touch", options->program.touch, "Each response waits for a touch");
  else
    verb->add_flag("--no-return", options->no_return, "Don't type Return behind it");
  if (kind == SlotKind::hotp)
    verb->add_flag("--eight-digits", options->program.eight_digits,
                   "Codes of eight digits in place of six");
  if (kind != SlotKind::static_password) {
    auto* const from =
        verb->add_option("--from", options->from, "The bench: a key for each user of this CSV file")
            ->excludes(user);
    verb->add_flag("--loop", options->loop, "Go on with the next key until everybody has one")
        ->needs(from);
  }
  add_common(*verb, options);
  verb->callback([&front, options] {
    if (!options->from.empty()) return program_bench(front, *options);
    program_slot(front, *options);
  });
}

void add_task(Command& provision, Front& front, SlotTask task, const std::string& text) {
  auto options = std::make_shared<SlotOptions>();
  options->program.id = "any";
  options->program.task = task;
  Command* const verb = provision.add_subcommand(std::string(to_name(task)), text);
  if (task == SlotTask::erase)
    verb->add_option("--slot", options->program.slot, "Which")->in_range(1, 2)->required();
  add_common(*verb, options);
  verb->callback([&front, options] { program_slot(front, *options); });
}

}  // namespace

Result<SlotBody> request_of(const SlotOptions& options) {
  const api::SlotProgram& wanted = options.program;
  api::SlotProgram request{.id = wanted.id,
                           .task = wanted.task,
                           .kind = wanted.kind,
                           .user = wanted.user,
                           .label = wanted.label,
                           .slot = wanted.slot,
                           .touch = wanted.touch,
                           .append_return = !options.no_return,
                           .serial_visible = !options.hide_serial,
                           .eight_digits = wanted.eight_digits,
                           .force = wanted.force,
                           .access_code = {},
                           .new_access_code = {},
                           .secret = {},
                           .seconds = options.tap.seconds,
                           .permit = {}};
  for (const auto& [file, field] :
       {std::pair(&options.access_code_file, &request.access_code),
        std::pair(&options.new_access_code_file, &request.new_access_code),
        std::pair(&options.secret_file, &request.secret)}) {
    if (file->empty()) continue;
    auto code = TRY(read_secret(*file));
    *field = std::move(code);
  }
  return SlotBody{std::move(request)};
}

std::string words_of(const SlotOptions& options, const api::SlotProgrammed& done) {
  std::string text = kind_name(options);
  if (done.user) text += " of " + escape_text(*done.user);
  text +=
      fmt::format(", slot {} of {}", done.slot,
                  done.after.serial ? std::to_string(*done.after.serial) : escape_text(done.model));
  if (done.public_id) text += ", public id " + *done.public_id;
  if (done.authenticator) text += done.verified ? ", answers with its secret" : ", read back";
  if (done.resumed) text += ", begun before";
  return text;
}

void program_slot(Front& front, const SlotOptions& options) {
  auto request = request_of(options);
  if (!request) return front.fail_with(request.error());
  Result<api::SlotProgrammed> done = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap);
    done = call_verified<api::SlotProgrammed>(front, "POST",
                                              path_of("/v1/devices/", options.program.id, "/slots"),
                                              std::move(*request), options.fresh);
  }
  if (!done) return front.fail_with(done.error());
  front.out().object(front.answer());
  front.out().good(std::string(options.program.task ? "done: " : "programmed: ") +
                   words_of(options, *done));
  if (options.program.kind == SlotKind::static_password)
    front.out().note(
        "Nobody knows this password but the key, and nothing here verifies it: touch the key in "
        "the field where the password is set");
}

void add_hmac_enrollment(Command& noun, Front& front) {
  auto options = std::make_shared<SlotOptions>();
  options->program.id = "any";
  options->program.kind = SlotKind::hmac;
  Command* const verb = noun.add_subcommand(
      "hmac", "Bind a slot of a YubiKey: an empty one gets a fresh HMAC-SHA1 secret");
  verb->add_option("--user", options->program.user, "Name of the user")->required();
  verb->add_option("--slot", options->program.slot, "1: a short touch, 2: a long one")
      ->in_range(1, 2)
      ->capture_default_str();
  verb->add_option("--label", options->program.label, "A name for it, shown in lists");
  auto* const touch =
      verb->add_flag("--touch", options->program.touch, "Each response waits for a touch");
  verb->add_option("--secret-file", options->secret_file,
                   "File with the secret that is in the slot already, 40 hexadecimal digits (- is "
                   "standard input): nothing is written, the key has to answer with it")
      ->excludes(touch);
  verb->add_option("--device", options->program.id,
                   "Id from 'countersign device list'; needed only when several are plugged in");
  add_tap_options(*verb, options->tap);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { program_slot(front, *options); });
}

void add_slot_provisioning(Command& provision, Front& front) {
  add_kind(provision, front, SlotKind::yubico_otp,
           "Program a YubiKey's slot with a Yubico OTP, and enrol it");
  add_kind(provision, front, SlotKind::hmac,
           "Program a YubiKey's slot with an HMAC-SHA1 secret, and enrol it");
  add_kind(provision, front, SlotKind::hotp,
           "Program a YubiKey's slot with an OATH-HOTP token, and enrol it");
  add_kind(provision, front, SlotKind::static_password,
           "Program a YubiKey's slot with a random static password that a touch types");
  add_task(provision, front, SlotTask::erase, "Erase a YubiKey's slot");
  add_task(provision, front, SlotTask::swap, "Swap a YubiKey's two slots");
}

}  // namespace countersign::cli
