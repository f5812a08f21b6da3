// SPDX-License-Identifier: Apache-2.0
// countersign device: the tokens that are plugged in.
#include <fmt/format.h>
#include <unistd.h>
#include <cstdio>

#include "cli/command.h"
#include "cli/local/helper.h"
#include "cli/nouns.h"
#include "cli/nouns/tokens/provision.h"
#include "cli/nouns/tokens/slots.h"
#include "cli/secrets.h"
#include "cli/tap.h"
#include "core/base/text.h"
#include "daemon/api/devices.h"

namespace countersign::cli {
namespace {

void show_list(Front& front, const std::vector<api::DeviceView>& devices) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(devices.size());
  for (const auto& each : devices)
    rows.push_back({each.id, each.model, each.serial.value_or(""), each.firmware.value_or(""),
                    each.transport, joined(each.capabilities), each.trouble.value_or("")});
  front.out().table({"ID", "MODEL", "SERIAL", "FIRMWARE", "TRANSPORT", "CAN", "TROUBLE"}, rows,
                    "No token is plugged in.");
  for (const auto& each : devices)
    for (const auto& advisory : each.advisories)
      front.out().bad(escape_text(
          fmt::format("{}: {} ({}): {}", each.id, advisory.id, advisory.verdict, advisory.about)));
}

void list_devices(Front& front) {
  const auto devices = front.get<api::DeviceList>("/v1/devices");
  if (!devices) return front.fail_with(devices.error());
  front.out().object(front.answer());
  show_list(front, devices->devices);
}

void watch(Front& front) {
  front.patience = std::chrono::hours(24 * 365);
  front.on_event = [&front](std::string_view line) {
    const auto event = api::decode<api::DeviceEvent>(line);
    if (front.json) {
      std::fwrite(line.data(), 1, line.size(), stdout);
      std::fputc('\n', stdout);
    } else if (event) {
      show_list(front, event->devices);
    }
    return std::fflush(stdout) == 0;
  };
  if (const auto ended = front.send("GET", "/v1/devices/events", {}); !ended)
    front.fail_with(ended.error());
}

std::string yes(bool flag) { return flag ? "yes" : "no"; }

std::string left(const std::optional<std::int64_t>& retries) {
  return retries ? fmt::format("{} tries left", *retries) : "not told";
}

void show_card(const Output& out, const api::CardView& card) {
  for (const api::CardAppletView& applet : card.applets) {
    out.line(escape_text(fmt::format("  {:<10} {}  serial {}", applet.kind,
                                     applet.version.value_or("-"), applet.serial.value_or("-"))));
    out.line(fmt::format("    PIN      {}", left(applet.pin_retries)));
    if (applet.puk_retries) out.line(fmt::format("    PUK      {}", left(applet.puk_retries)));
    for (const api::CardSlotView& slot : applet.slots) {
      out.line(escape_text(fmt::format("    {:<8} {}  {}{}", slot.slot, slot.algorithm,
                                       slot.subject.value_or(""),
                                       slot.not_after ? ", until " + *slot.not_after : "")));
      if (!slot.names.empty()) out.line(escape_text("             " + joined(slot.names)));
      if (slot.trouble) out.bad(escape_text("             " + *slot.trouble));
    }
    if (applet.slots.empty()) out.line("    no keys that could sign anybody in");
  }
}

void show_slots(const Output& out, const api::SlotsView& slots) {
  out.line(escape_text(
      fmt::format("  OTP        firmware {}, serial {}, programmed {} times", slots.firmware,
                  slots.serial ? std::to_string(*slots.serial) : "not shown", slots.sequence)));
  for (const api::SlotView& slot : slots.slots)
    out.line(fmt::format("    slot {}   {}{}{}", slot.slot,
                         slot.programmed ? "programmed" : "empty", slot.touch ? ", by touch" : "",
                         slot.authenticator ? ", enrolled as " + *slot.authenticator : ""));
}

void info(Front& front, const std::string& id) {
  const auto told = front.get<api::DeviceInfo>(path_of("/v1/devices/", id));
  if (!told) return front.fail_with(told.error());
  front.out().object(front.answer());
  const Output out = front.out();
  out.line(escape_text(
      fmt::format("{}  {}  {}", told->device.id, told->device.model, told->device.usb)));
  out.line(escape_text(fmt::format("  serial     {}", told->device.serial.value_or("-"))));
  out.line(escape_text(fmt::format("  firmware   {}", told->device.firmware.value_or("-"))));
  out.line(fmt::format("  can        {}", joined(told->device.capabilities)));
  for (const auto& advisory : told->device.advisories)
    out.bad(escape_text(fmt::format("{} ({}): {}", advisory.id, advisory.verdict, advisory.about)));
  if (told->card) show_card(out, *told->card);
  if (told->slots) show_slots(out, *told->slots);
  if (!told->fido2) return;
  const api::Fido2View& fido = *told->fido2;
  out.line(escape_text(fmt::format("  FIDO       {}", joined(fido.versions))));
  out.line(fmt::format("  model id   {}", fido.aaguid));
  out.line(escape_text(fmt::format("  extensions {}", joined(fido.extensions))));
  out.line(fmt::format("  PIN        {}{}", fido.pin_set ? "set" : "not set",
                       fido.pin_retries ? fmt::format(", {} tries left", *fido.pin_retries) : ""));
  out.line(fmt::format("  fingerprint {}, always verifies its user: {}", yes(fido.built_in_uv),
                       yes(fido.always_uv)));
  out.line(
      fmt::format("  accounts kept on it: {}{}", yes(fido.resident_keys),
                  fido.free_resident ? fmt::format(", {} places left", *fido.free_resident) : ""));
}

// The body of a task; the id stands in the path.
struct Task {
  api::DeviceTask task = api::DeviceTask::set_pin;
  std::optional<std::string> item, name, applet;
  int seconds = 60;
  static api::Fields fields() {
    return {api::Field{"task", &Task::task, ""}, api::Field{"applet", &Task::applet, ""},
            api::Field{"item", &Task::item, ""}, api::Field{"name", &Task::name, ""},
            api::Field{"seconds", &Task::seconds, ""}};
  }
};
struct Listing {
  bool fingerprints = false;
  int seconds = 60;
  static api::Fields fields() {
    return {api::Field{"fingerprints", &Listing::fingerprints, ""},
            api::Field{"seconds", &Listing::seconds, ""}};
  }
};

struct DeviceOptions {
  std::string id = "any", item, name, applet;
  bool yes = false;
  TapOptions tap;
};

void manage(Front& front, const DeviceOptions& options, api::DeviceTask task,
            const std::string& done) {
  Task request{.task = task, .item = {}, .name = {}, .applet = {}, .seconds = options.tap.seconds};
  if (!options.item.empty()) request.item = options.item;
  if (!options.name.empty()) request.name = options.name;
  if (!options.applet.empty()) request.applet = options.applet;
  Result<api::DeviceDone> result = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap);
    result = front.call<api::DeviceDone>("POST", path_of("/v1/devices/", options.id, "/manage"),
                                         request);
  }
  if (!result) return front.fail_with(result.error());
  front.out().object(front.answer());
  front.out().good(escape_text(done + ": " + result->model));
}

void show_items(Front& front, const DeviceOptions& options, bool fingerprints) {
  Result<api::DeviceItemList> result = fail(Code::internal, "");
  {
    const TapSession session(front, options.tap);
    result = front.call<api::DeviceItemList>("POST", path_of("/v1/devices/", options.id, "/items"),
                                             Listing{fingerprints, options.tap.seconds});
  }
  if (!result) return front.fail_with(result.error());
  front.out().object(front.answer());
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : result->items)
    rows.push_back(fingerprints ? std::vector{each.id, each.name}
                                : std::vector{each.id, each.rp_id, each.name});
  if (fingerprints)
    front.out().table({"ID", "NAME"}, rows, "There are no fingerprints on it.");
  else
    front.out().table({"ID", "FOR", "USER"}, rows, "There are no accounts on it.");
}

bool confirmed(Front& front, const DeviceOptions& options, const std::string& question) {
  if (options.yes) return true;
  const Result<Secret> answer = ask(question + " Type yes: ", false);
  if (answer && answer->expose_text() == "yes") return true;
  front.fail_with(answer ? Error{Code::cancelled, "nothing was changed"}
                         : Error{Code::invalid, "this can't be undone: give --yes"});
  return false;
}

std::shared_ptr<DeviceOptions> add_verb(Command& noun, const std::string& name,
                                        const std::string& about, Command*& verb,
                                        bool new_pin = false) {
  auto options = std::make_shared<DeviceOptions>();
  verb = noun.add_subcommand(name, about);
  verb->add_option("--device", options->id,
                   "Id from 'countersign device list'; needed only when several are plugged in");
  add_tap_options(*verb, options->tap, new_pin);
  return options;
}

void add_applet(Command& verb, DeviceOptions& options) {
  verb.add_option("--applet", options.applet,
                  "Which application of a card: piv (default) or openpgp")
      ->one_of({"piv", "openpgp"});
}

void add_pin(Command& noun, Front& front) {
  Command* pin =
      noun.add_subcommand("pin", "Set, change or unblock the PIN of a security key or card");
  pin->require_subcommand(1);
  Command* verb = nullptr;
  auto set = add_verb(*pin, "set", "Set the first PIN", verb, true);
  verb->callback([&front, set] { manage(front, *set, api::DeviceTask::set_pin, "PIN set"); });
  auto change = add_verb(*pin, "change", "Change the PIN", verb, true);
  add_applet(*verb, *change);
  verb->callback(
      [&front, change] { manage(front, *change, api::DeviceTask::change_pin, "PIN changed"); });
  auto unblock =
      add_verb(*pin, "unblock",
               "Set a new PIN of a card with its PUK or resetting code; --pin-file holds that code",
               verb, true);
  add_applet(*verb, *unblock);
  verb->callback(
      [&front, unblock] { manage(front, *unblock, api::DeviceTask::unblock_pin, "PIN set"); });
  auto puk = add_verb(
      *pin, "change-puk",
      "Change a card's PUK; --pin-file holds the old one, --new-pin-file the new one", verb, true);
  verb->callback(
      [&front, puk] { manage(front, *puk, api::DeviceTask::change_puk, "PUK changed"); });
}

void add_reset(Command& noun, Front& front) {
  Command* verb = nullptr;
  auto options = add_verb(
      noun, "reset",
      "Erase a security key, or an application of a card: its PIN and all its accounts, everywhere",
      verb);
  add_applet(*verb, *options);
  verb->add_flag("--yes", options->yes, "Don't ask");
  verb->callback([&front, options] {
    if (!confirmed(front, *options,
                   "This erases it: every account that uses it, here and elsewhere, loses it. A "
                   "security key has to be pulled out, plugged in, and reset within ten seconds."))
      return;
    manage(front, *options, api::DeviceTask::reset, "erased");
  });
}

void add_credentials(Command& noun, Front& front) {
  Command* credentials =
      noun.add_subcommand("credentials", "The accounts that are kept on a security key");
  credentials->require_subcommand(1);
  Command* verb = nullptr;
  auto shown = add_verb(*credentials, "list", "Show them; the key asks for its PIN", verb);
  verb->callback([&front, shown] { show_items(front, *shown, false); });
  auto removed = add_verb(*credentials, "delete", "Remove one", verb);
  verb->add_option("ID", removed->item, "Id from 'list'")->required();
  verb->add_flag("--yes", removed->yes, "Don't ask");
  verb->callback([&front, removed] {
    if (!confirmed(front, *removed,
                   "The account on the key is gone then; whoever it was for can't sign in with it "
                   "any more."))
      return;
    manage(front, *removed, api::DeviceTask::delete_credential, "removed");
  });
}

void add_fingerprints(Command& noun, Front& front) {
  Command* fingerprints =
      noun.add_subcommand("fingerprints", "The fingerprints that a security key knows");
  fingerprints->require_subcommand(1);
  Command* verb = nullptr;
  auto shown = add_verb(*fingerprints, "list", "Show them; the key asks for its PIN", verb);
  verb->callback([&front, shown] { show_items(front, *shown, true); });
  auto added = add_verb(*fingerprints, "add", "Take a finger", verb);
  verb->add_option("--name", added->name, "A name for it");
  verb->callback(
      [&front, added] { manage(front, *added, api::DeviceTask::enroll_fingerprint, "taken"); });
  auto renamed = add_verb(*fingerprints, "rename", "Give one another name", verb);
  verb->add_option("ID", renamed->item, "Id from 'list'")->required();
  verb->add_option("NAME", renamed->name, "New name")->required();
  verb->callback([&front, renamed] {
    manage(front, *renamed, api::DeviceTask::rename_fingerprint, "renamed");
  });
  auto removed = add_verb(*fingerprints, "delete", "Remove one", verb);
  verb->add_option("ID", removed->item, "Id from 'list'")->required();
  verb->callback([&front, removed] {
    manage(front, *removed, api::DeviceTask::delete_fingerprint, "removed");
  });
}

void add_virtual(Command& noun, Front& front) {
  Command* software = noun.add_subcommand("virtual", "Software tokens, for tests");
  software->require_subcommand(1);
  struct Wanted {
    std::string kind = "fido2", profile, state, pin_file, touch, timeout;
    std::vector<std::string> program;
  };
  auto wanted = std::make_shared<Wanted>();
  Command* run = software->add_subcommand(
      "run", "Run a program that sees a software token as a device, and exit with its code");
  run->add_option("--kind", wanted->kind,
                  "What the token is: fido2, yubikey, or a card: piv, openpgp, or card for both")
      ->one_of({"fido2", "yubikey", "piv", "openpgp", "card"});
  run->add_option("--profile", wanted->profile,
                  "Of a key: no-pin, pin, uv, u2f or full; of a card: yubikey, plain or expired");
  run->add_option("--state", wanted->state,
                  "File with the token's state; without it, the token is new each time");
  run->add_option("--pin-file", wanted->pin_file,
                  "File with the PIN to set, where none is set yet");
  run->add_option("--touch", wanted->touch, "How it is touched: auto, manual or never");
  run->add_option("--timeout", wanted->timeout, "Seconds after which the program is ended");
  run->add_option("PROGRAM", wanted->program, "The program and its arguments, after --")
      ->required();
  run->callback([&front, wanted] {
    std::vector<std::string> arguments = {"run"};
    for (const auto& [name, value] :
         {std::pair("--kind", wanted->kind), std::pair("--profile", wanted->profile),
          std::pair("--state", wanted->state), std::pair("--pin-file", wanted->pin_file),
          std::pair("--touch", wanted->touch), std::pair("--timeout", wanted->timeout)})
      if (!value.empty()) arguments.insert(arguments.end(), {name, value});
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), wanted->program.begin(), wanted->program.end());
    front.fail_with(become_helper("countersign-virtual", arguments));
  });
}

}  // namespace

void add_device(Command& noun, Front& front) {
  noun.require_subcommand(1);
  noun.add_subcommand("list", "Show the tokens that are plugged in")->callback([&front] {
    list_devices(front);
  });
  noun.add_subcommand("watch", "Show them again at each change, until you press Ctrl-C")
      ->callback([&front] { watch(front); });
  auto wanted = std::make_shared<std::string>("any");
  Command* about = noun.add_subcommand("info", "Show what a token says of itself");
  about->add_option("ID", *wanted, "Id from the list; not needed when there is one only");
  about->callback([&front, wanted] { info(front, *wanted); });
  add_pin(noun, front);
  add_reset(noun, front);
  add_credentials(noun, front);
  add_fingerprints(noun, front);
  Command* provision = noun.add_subcommand("provision", "Write fresh keys or secrets into a token");
  provision->require_subcommand(1);
  add_card_provisioning(*provision, front);
  add_slot_provisioning(*provision, front);
  add_reveal(noun, front);
  add_virtual(noun, front);
}

}  // namespace countersign::cli
