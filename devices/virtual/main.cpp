// SPDX-License-Identifier: Apache-2.0
// countersign-virtual: software tokens for demos and tests.
#include <sys/resource.h>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <cstdio>

#include "devices/virtual/card/base/identity.h"
#include "devices/virtual/shared/certificate.h"
#include "devices/virtual/transports/attach.h"
#include "devices/virtual/transports/card_run.h"
#include "devices/virtual/transports/card_server.h"
#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/key_setup.h"
#include "devices/virtual/transports/run.h"
#include "devices/virtual/transports/serve.h"
#include "devices/virtual/transports/yubikey_setup.h"

namespace {

using namespace countersign;
using namespace countersign::virtual_key;

struct Numbers {
  unsigned touch_delay = 0;          // ms
  unsigned action_timeout = 30'000;  // ms
};

constexpr std::uint16_t yubikey_product_id = 0x0003;  // beside those of the virtual key and card

constexpr std::pair<const char*, Person::Touch> touches[] = {{"auto", Person::Touch::automatic},
                                                             {"manual", Person::Touch::manual},
                                                             {"never", Person::Touch::never}};

void token_options(CLI::App& command, Setup& setup, Numbers& numbers) {
  command.add_option("--state", setup.state,
                     "file that it remembers in; made when it is not there (without: in memory)");
  command.add_option("--pin-file", setup.pin_file,
                     "file with the PIN to set, where none is set yet, or the factory's");
  command.add_option("--control", setup.control, "socket for `countersign-virtual control`");
  command
      .add_option("--touch", setup.person.touch,
                  "how it is touched: auto, manual (by `control touch`), never")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Person::Touch>(std::begin(touches), std::end(touches))))
      ->default_str("auto");
  command
      .add_option("--touch-delay", numbers.touch_delay, "milliseconds until the automatic touch")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  command
      .add_option("--action-timeout", numbers.action_timeout,
                  "milliseconds that the key waits for the person")
      ->check(CLI::Range(1, 600'000))
      ->capture_default_str();
}

void key_options(CLI::App& command, Setup& setup) {
  command
      .add_option_function<std::string>(
          "--uv-result",
          [&setup](const std::string& text) { setup.person.right_finger = text == "ok"; },
          "what built-in user verification finds: ok, fail")
      ->check(CLI::IsMember({"ok", "fail"}))
      ->default_str("ok");
}

constexpr const char* key_faults =
    "what it does wrong: unplug=N, keepalive[=COMMAND], bad-cbor[=COMMAND], bad-length[=N], "
    "counter-back, wrong-rp-hash, uv-cleared, "
    "up-cleared, full";
constexpr const char* yubikey_faults =
    "unplug=N (at a report), power-cut=N (after a command), bad-crc, stuck, waiting";
constexpr const char* card_faults =
    "remove=N, reset=N, endless-61xx, bad-tlv, cut-off, garbage-certificates, bad-gzip, no-status, "
    "too-long";

void fault_option(CLI::App& command, Setup& setup, const std::string& text) {
  command.add_option("--fault", setup.faults, text + "; may be repeated")->allow_extra_args(false);
}

// What both kinds of token have, for a card.
virtual_card::Setup card_setup(const Setup& setup, const std::string& kind, bool contactless) {
  virtual_card::Setup card{.kind = kind,
                           .contactless = contactless,
                           .state = setup.state,
                           .pin_file = setup.pin_file,
                           .control = setup.control,
                           .person = setup.person,
                           .faults = setup.faults};
  if (!setup.profile.empty()) card.profile = setup.profile;
  return card;
}

virtual_yubikey::Setup yubikey_setup(const Setup& setup, const std::string& firmware) {
  return {.state = setup.state,
          .control = setup.control,
          .firmware = firmware,
          .person = setup.person,
          .faults = setup.faults};
}

int told(const Result<void>& done, int failure) {
  if (done) return 0;
  std::fprintf(stderr, "countersign-virtual: %s\n", done.error().what.c_str());
  return done.error().code == Code::invalid ? 2 : failure;
}

// Sends a command to a token that runs; what it types goes to standard output.
int control(const std::string& path, const std::string& command) {
  const auto answer = tell(path, command);
  if (!answer) return told(std::unexpected(answer.error()), 7);
  std::fputs(answer->c_str(), stdout);
  if (!answer->empty() && !answer->ends_with('\n') && ::isatty(STDOUT_FILENO) == 1)
    std::fputc('\n', stdout);
  return std::fflush(stdout) == 0 ? 0 : 7;
}

int print_root(const std::string& path) {
  const auto card = virtual_card::read_state(path);
  const auto key = card ? Result<State>(fail(Code::invalid, {})) : read_state(path);
  if (!card && !key) return told(std::unexpected(key.error()), 7);
  std::fputs(
      virtual_token::to_pem(card ? card->piv.attestation_root : key->attestation.root).c_str(),
      stdout);
  return std::fflush(stdout) == 0 ? 0 : 7;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Software tokens on the real wire formats, for demos and tests. They mark themselves "
      "virtual.",
      "countersign-virtual");
  app.require_subcommand(1);
  Setup setup;
  Numbers numbers;
  std::string kind = "fido2";
  bool contactless = false;
  const auto profile_option = [&setup](CLI::App& command, const char* text) {
    command.add_option("--profile", setup.profile, text);
  };
  const char* const kinds_text =
      "fido2: a security key; yubikey: a YubiKey's slots; piv, openpgp or both of them: card";
  const char* const profiles_text =
      "of a key: no-pin, pin (default), uv, u2f or full; of a card: yubikey (default), plain, "
      "expired";
  const std::string all_faults =
      std::string(key_faults) + "; a YubiKey: " + yubikey_faults + "; a card: " + card_faults;
  const char* const contactless_text = "a card held to a reader: 9E and what may be read there";

  ServeOptions serving;
  CLI::App* const serve_command =
      app.add_subcommand("serve",
                         "The token on a socket, until SIGTERM: a key's is SEQPACKET, one packet a "
                         "HID report; a card's a stream, as the virtual reader driver speaks");
  serve_command->add_option("--kind", kind, kinds_text)
      ->check(CLI::IsMember({"fido2", "yubikey", "piv", "openpgp", "card"}))
      ->capture_default_str();
  profile_option(*serve_command, profiles_text);
  token_options(*serve_command, setup, numbers);
  key_options(*serve_command, setup);
  fault_option(*serve_command, setup, all_faults);
  serve_command->add_flag("--contactless", contactless, contactless_text);
  serve_command
      ->add_option("--socket", serving.socket,
                   "where to listen; SOCKET.json beside it says what is there")
      ->required();
  serve_command->add_flag("--die-with-parent", serving.die_with_parent,
                          "ends when the program that started it ends");

  std::string usb, firmware = Claim::own_firmware();
  serve_command->add_option("--usb", usb,
                            "USB ids that SOCKET.json claims, VVVV:PPPP, for tests of advisories");
  serve_command
      ->add_option(
          "--firmware", firmware,
          "firmware that SOCKET.json claims, such as 5.4.3; \"\": none. A YubiKey then has it")
      ->capture_default_str();

  RunOptions running;
  CLI::App* const run_command =
      app.add_subcommand("run",
                         "Runs a program that sees the token as /dev/hidraw0, a YubiKey on usbfs, "
                         "a card by PC/SC, and exits with its code");
  run_command->add_option("--kind", kind, kinds_text)
      ->check(CLI::IsMember({"fido2", "yubikey", "piv", "openpgp", "card"}))
      ->capture_default_str();
  run_command->add_option("--firmware", firmware, "a YubiKey's firmware, such as 5.4.3");
  profile_option(*run_command, profiles_text);
  token_options(*run_command, setup, numbers);
  key_options(*run_command, setup);
  fault_option(*run_command, setup, all_faults);
  run_command->add_flag("--contactless", contactless, contactless_text);
  run_command
      ->add_option("--timeout", running.seconds,
                   "seconds after which the program is ended (exit code 124)")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  run_command->add_option("program", running.words, "the program and its arguments, after --")
      ->required();

  AttachOptions attaching;
  CLI::App* const attach_command = app.add_subcommand(
      "attach", "The key as a device of this machine's kernel, until SIGTERM (/dev/uhid; root)");
  profile_option(*attach_command, "no-pin, pin (default), uv, u2f or full");
  token_options(*attach_command, setup, numbers);
  key_options(*attach_command, setup);
  fault_option(*attach_command, setup, key_faults);
  attach_command->add_flag("--die-with-parent", attaching.die_with_parent,
                           "ends when the program that started it ends");

  virtual_card::DriverOptions driver;
  std::string reader;
  CLI::App* const card_command = app.add_subcommand(
      "card", "A card in a virtual reader of pcscd (vsmartcard-vpcd), until SIGTERM");
  card_command
      ->add_option("--vpcd", reader,
                   "where the reader's driver listens, HOST:PORT; usually localhost:35963, the "
                   "second reader 35964")
      ->required();
  card_command->add_option("--kind", kind, "piv, openpgp or both of them: card")
      ->check(CLI::IsMember({"piv", "openpgp", "card"}))
      ->default_str("card");
  profile_option(
      *card_command,
      "yubikey (default), plain (the standard alone), expired (with a certificate that is)");
  token_options(*card_command, setup, numbers);
  fault_option(*card_command, setup, std::string("what it does wrong: ") + card_faults);
  card_command->add_flag("--contactless", contactless, contactless_text);
  card_command->add_flag("--die-with-parent", driver.die_with_parent,
                         "ends when the program that started it ends");

  std::string path;
  CLI::App* const root_command =
      app.add_subcommand("root", "Prints the root certificate of a token's attestation, as PEM");
  root_command->add_option("--state", path, "the token's file")->required();

  std::vector<std::string> words;
  CLI::App* const control_command =
      app.add_subcommand("control", "Touches a token that runs, pulls it out, makes it misbehave");
  control_command->add_option("--control", path, "the socket given to serve, run or attach")
      ->required();
  control_command
      ->add_option("command", words,
                   "touch | deny | fault NAME[=N] | fault none; a key: uv ok|fail | power-cycle; a "
                   "YubiKey: type [1|2] | power-cycle; a card: remove | insert | reset | block-pin")
      ->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const rlimit no_core{0, 0};
  (void)setrlimit(RLIMIT_CORE, &no_core);
  setup.person.delay = std::chrono::milliseconds(numbers.touch_delay);
  setup.person.patience = std::chrono::milliseconds(numbers.action_timeout);

  if (*serve_command) {
    if (const auto set = usb.empty() ? Result<void>() : serving.claim.set_usb(usb); !set)
      return told(set, 2);
    if (const auto set = serving.claim.set_firmware(firmware); !set) return told(set, 2);
    if (virtual_card::is_card(kind)) {
      if (usb.empty()) serving.claim.product_id = virtual_card::identity::product_id;
      return told(virtual_card::serve(card_setup(setup, kind, contactless),
                                      {serving.socket, serving.die_with_parent, serving.claim}),
                  7);
    }
    if (kind == "yubikey") {
      if (usb.empty()) serving.claim.product_id = yubikey_product_id;
      const bool chosen = serve_command->count("--firmware") != 0;
      return told(virtual_yubikey::serve(yubikey_setup(setup, chosen ? firmware : ""),
                                         {serving.socket, serving.die_with_parent, serving.claim}),
                  7);
    }
    return told(serve(setup, serving), 7);
  }
  if (*attach_command) return told(attach(setup, attaching), 7);
  if (*card_command) {
    const std::size_t colon = reader.rfind(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == reader.size())
      return told(fail(Code::invalid, "--vpcd takes HOST:PORT"), 2);
    driver.host = reader.substr(0, colon);
    driver.port = reader.substr(colon + 1);
    return told(
        virtual_card::connect_to_driver(
            card_setup(setup, virtual_card::is_card(kind) ? kind : "card", contactless), driver),
        7);
  }
  if (*root_command) return print_root(path);
  if (*control_command) return control(path, CLI::detail::join(words, " "));
  if (virtual_card::is_card(kind)) {
    const auto ended = virtual_card::run_program(card_setup(setup, kind, contactless), running);
    return ended ? *ended : told(std::unexpected(ended.error()), 125);
  }
  const auto exit_code =
      kind == "yubikey"
          ? virtual_yubikey::run_program(
                yubikey_setup(setup, run_command->count("--firmware") != 0 ? firmware : ""),
                running)
          : run_program(setup, running);
  return exit_code ? *exit_code : told(std::unexpected(exit_code.error()), 125);
}
