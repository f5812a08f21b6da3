// SPDX-License-Identifier: Apache-2.0
// The command tree: one function per noun, in a file of its name. A noun adds its verbs and options
// to the app; what a verb does, runs when the app has parsed the command line.
#pragma once

#include <array>
#include <string_view>

#include "cli/command.h"
#include "cli/front.h"

namespace countersign::cli {

void add_verify(Command& noun, Front& front);
void add_enroll(Command& noun, Front& front);
void add_user(Command& noun, Front& front);
void add_authenticator(Command& noun, Front& front);
void add_import(Command& noun, Front& front);
void add_export(Command& noun, Front& front);
void add_coverage(Command& noun, Front& front);
void add_audit(Command& noun, Front& front);
void add_key(Command& noun, Front& front);
void add_client(Command& noun, Front& front);
void add_store(Command& noun, Front& front);
void add_config(Command& noun, Front& front);
void add_status(Command& noun, Front& front);
void add_debug(Command& noun, Front& front);
void add_doctor(Command& noun, Front& front);
void add_device(Command& noun, Front& front);
void add_machine(Command& noun, Front& front);
void add_attestation(Command& noun, Front& front);
void add_mds(Command& noun, Front& front);
void add_sign_in(Command& noun, Front& front);
void add_policy(Command& noun, Front& front);
void add_ca(Command& noun, Front& front);
void add_bootstrap(Command& noun, Front& front);
void add_demo(Command& noun, Front& front);

struct Noun {
  std::string_view name;
  std::string_view about;
  void (*add)(Command& noun, Front& front);
};

inline constexpr std::array nouns = {
    Noun{"verify", "Verify a user's code", add_verify},
    Noun{"status", "Show whether the daemon is ready", add_status},
    Noun{"enroll", "Bind an authenticator to a user", add_enroll},
    Noun{"user", "Add, list, change, suspend, reset and import users", add_user},
    Noun{"authenticator", "List, rename, suspend, resume, confirm, revoke, resync what is bound",
         add_authenticator},
    Noun{"device", "Show and manage the tokens that are plugged in", add_device},
    Noun{"machine",
         "Show what this machine is recognized by; list, recognize, forget, block machines",
         add_machine},
    Noun{"sign-in", "Ask what a user needs to get in, and do it", add_sign_in},
    Noun{"policy", "Show, set and check what an audience is asked", add_policy},
    Noun{"import", "Import tokens from PSKC, CSV, otpauth and migration files", add_import},
    Noun{"export", "Export token secrets for another server", add_export},
    Noun{"coverage", "Show which location has nobody with a working factor", add_coverage},
    Noun{"audit", "List, verify, prune and export the record", add_audit},
    Noun{"attestation", "Manage trusted attestation roots and allowed models", add_attestation},
    Noun{"mds", "Import FIDO metadata about security keys", add_mds},
    Noun{"client", "Manage programs that use Yubico's validation protocol", add_client},
    Noun{"ca", "Make and show the authority that certifies cards issued here", add_ca},
    Noun{"bootstrap", "End the time before any administrator can verify", add_bootstrap},
    Noun{"key", "Rotate the key that seals secrets", add_key},
    Noun{"store", "Accept a restored store, or a corrected clock", add_store},
    Noun{"config", "Check the daemon's configuration", add_config},
    Noun{"debug", "Find out why a recorded ceremony was refused", add_debug},
    Noun{"doctor", "Diagnose common problems", add_doctor},
    Noun{"demo", "Play a whole story on a private daemon", add_demo},
};

}  // namespace countersign::cli
