// SPDX-License-Identifier: Apache-2.0
// The daemon's configuration: one TOML file and drop-ins, every key documented in
// countersign.toml(5).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/advisories/advisories.h"
#include "core/engine/context.h"
#include "daemon/config/otp.h"
#include "daemon/couriers/settings.h"
#include "daemon/http/doorkeeper.h"
#include "daemon/http/server.h"

namespace countersign {

// Where a sign-in at a token has to come from (tokens/here.h).
enum class Seat {
  ask,          // the session manager says which login session is at this machine's seat
  always_here,  // kiosks without one
};

// Files of [piv]; what is in them stands in rules.cards and revocation once they are read.
struct CardFiles {
  std::vector<std::string> anchors, intermediates, revocation_lists, attestation_roots;
  std::string holders;
};

struct Config {
  engine::Rules rules;
  CardFiles card_files;
  std::shared_ptr<const crypto::RevocationEvidence>
      revocation;  // of the files; nothing: none are named
  bool fetch_revocation = true;
  std::chrono::milliseconds fetch_time{4000};
  http::Limits limits;
  std::chrono::seconds token_turn{30};  // of one uid at the tokens, once another waits
  std::vector<http::VerifierRule> verifiers;
  std::size_t cached_users = 100'000;
  std::string root_key_file;           // empty: beside the state folder, or systemd's credential
  std::string previous_root_key_file;  // while the root key is being changed
  std::string epoch_file;              // empty: beside the state folder
  std::string admin_group = "countersign-admin";
  std::string reader_socket;  // of the system's reader; empty: a private one is started
  Seat seat = Seat::ask;
  std::string
      on_remove;  // "lock-session", or a program's path; empty: nothing happens (removal_action.h)
  Assurance assurance = Assurance::usual;  // of security keys at enrolment and verification
  couriers::Settings couriers;
  OtpServerSettings otp_servers;
};

// path: the file, which must exist; then PATH.d/*.toml in order of name, a later value taking the
// place of an earlier. The error names file, line and key; an unknown key is one. Unsafe files are
// refused (T20).
[[nodiscard]] Result<Config> read_config(const std::string& path);

// One TOML text into a configuration; file is for messages. For the fuzzer, too.
[[nodiscard]] Result<void> apply_toml(std::string_view text, const std::string& file,
                                      Config& config);

}  // namespace countersign
