// SPDX-License-Identifier: Apache-2.0
// A person and a token, on a terminal: what the daemon's stream says becomes prompts, PINs go back.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/front.h"

namespace countersign::cli {

struct TapOptions {
  std::string pin_file;          // --pin-file: answers the first prompt for a PIN, once
  std::string new_pin_file;      // --new-pin-file
  bool new_pin_was_set = false;  // provisioning: a run before this one may have set it, so it
                                 // answers a prompt for the PIN, too
  bool last_try = false;         // --last-try: also when the token takes only one more
  bool events = false;  // --events: the stream's lines on standard output, before the final object
  int seconds = 60;     // --timeout
};

// The options above; new_pin: where a command may ask for a new PIN.
void add_tap_options(Command& verb, TapOptions& options, bool new_pin = false);

// Makes the front's next streaming call speak with the person. Holds what it needs until the call
// has returned.
class TapSession {
 public:
  TapSession(Front& front, TapOptions options);
  ~TapSession();
  TapSession(const TapSession&) = delete;
  TapSession& operator=(const TapSession&) = delete;

 private:
  bool on_event(std::string_view line);
  bool answer(const std::string& interaction, bool fresh, const std::string& words,
              bool last_try = false);
  void say(const std::string& words);

  Front& front_;
  TapOptions options_;
  // Of a session that this one is within.
  client::Client::OnEvent outer_on_event_;
  std::chrono::milliseconds outer_patience_;
  bool pin_given_ = false;
  bool new_pin_given_ = false;
  std::optional<Error> trouble_;
};

}  // namespace countersign::cli
