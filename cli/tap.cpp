// SPDX-License-Identifier: Apache-2.0
#include "cli/tap.h"

#include <fmt/format.h>
#include <cstdio>
#include <utility>

#include "cli/command.h"
#include "cli/secrets.h"
#include "core/base/text.h"
#include "daemon/api/tap.h"
#include "daemon/client/prompts.h"

namespace countersign::cli {
namespace {

constexpr std::chrono::seconds margin{15};  // beyond what the daemon was told to wait

}  // namespace

void add_tap_options(Command& verb, TapOptions& options, bool new_pin) {
  verb.add_option("--timeout", options.seconds, "Seconds to wait for the user, 60 by default")
      ->in_range(1, 600);
  verb.add_option(
      "--pin-file", options.pin_file,
      "File with the token's PIN; - is standard input. Used once; a wrong one is not tried again");
  verb.add_flag("--last-try", options.last_try,
                "Send the PIN in the file also when the token takes only one more: if it is wrong, "
                "the token is blocked");
  if (new_pin) verb.add_option("--new-pin-file", options.new_pin_file, "File with the new PIN");
  verb.add_flag("--events", options.events,
                "Also print each event, as a line of JSON, before the result (with --json)");
}

TapSession::TapSession(Front& front, TapOptions options)
    : front_(front),
      options_(std::move(options)),
      outer_on_event_(std::move(front.on_event)),
      outer_patience_(front.patience) {
  front_.patience = std::chrono::seconds(options_.seconds) + margin;
  front_.on_event = [this](std::string_view line) { return on_event(line); };
}

TapSession::~TapSession() {
  front_.on_event = std::move(outer_on_event_);
  front_.patience = outer_patience_;
  front_.given_up = std::exchange(trouble_, std::nullopt);
}

void TapSession::say(const std::string& words) {
  if (!front_.json) front_.out().note(escape_text(words));
}

bool TapSession::on_event(std::string_view line) {
  if (options_.events && front_.json) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  }
  const auto event = api::decode<api::TapEvent>(line);
  if (!event) return true;  // of a later version: nothing to do about it
  const std::string words = client::prompt_words(*event);
  const auto& id = event->interaction;
  if (event->event == api::Prompt::pin || event->event == api::Prompt::puk)
    return answer(id.value_or(""), false, words, event->retries == 1);
  if (event->event == api::Prompt::new_pin || event->event == api::Prompt::new_puk)
    return answer(id.value_or(""), true, words);
  say(words);
  return true;
}

// On a connection of its own: the stream's is taken.
bool TapSession::answer(const std::string& interaction, bool fresh, const std::string& words,
                        bool last_try) {
  const bool by_new_file = fresh || (options_.pin_file.empty() && options_.new_pin_was_set);
  const std::string& file = by_new_file ? options_.new_pin_file : options_.pin_file;
  bool& given = fresh ? new_pin_given_ : pin_given_;
  if (!file.empty() && std::exchange(given, true)) {
    trouble_ =
        Error{Code::not_permitted, "the token does not take the PIN in " + file + ": " + words};
    return false;
  }
  // Nobody reads what a file is asked for: the person has to say that it is worth it.
  if (!file.empty() && last_try && !options_.last_try) {
    trouble_ = Error{Code::not_permitted,
                     "the token takes one more try, and is blocked after a wrong one; the PIN in " +
                         file + " was not sent. Type it, or give --last-try"};
    return false;
  }
  Result<Secret> pin =
      !file.empty() ? read_secret(file)
                    : ask(words + " ", true,
                          fresh ? "the new PIN with --new-pin-file" : "the PIN with --pin-file");
  if (pin && fresh && file.empty()) {
    const Result<Secret> again = ask("The new PIN again: ", true);
    if (!again)
      pin = std::unexpected(again.error());
    else if (!equal_constant_time(pin->expose(), again->expose()))
      pin = fail(Code::invalid, "the two PINs differ; nothing was changed");
  }
  if (!pin) {
    trouble_ = pin.error();
    return false;
  }
  Front other;
  other.socket = front_.socket_path();
  const auto taken = other.send("POST", "/v1/interactions/" + interaction, pin->expose_text());
  if (taken) return true;
  trouble_ = taken.error();
  return false;
}

}  // namespace countersign::cli
