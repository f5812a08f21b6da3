// SPDX-License-Identifier: Apache-2.0
// The command tree: one function per noun, in a file of its name. A noun adds its verbs and options
// to the app; what a verb does, runs when the app has parsed the command line.
#pragma once

#include <array>
#include <string_view>

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

void add_verify(CLI::App& noun, Front& front);
void add_enroll(CLI::App& noun, Front& front);
void add_user(CLI::App& noun, Front& front);
void add_authenticator(CLI::App& noun, Front& front);
void add_import(CLI::App& noun, Front& front);
void add_export(CLI::App& noun, Front& front);
void add_coverage(CLI::App& noun, Front& front);
void add_audit(CLI::App& noun, Front& front);
void add_key(CLI::App& noun, Front& front);
void add_client(CLI::App& noun, Front& front);
void add_store(CLI::App& noun, Front& front);
void add_config(CLI::App& noun, Front& front);
void add_status(CLI::App& noun, Front& front);
void add_debug(CLI::App& noun, Front& front);
void add_doctor(CLI::App& noun, Front& front);
void add_device(CLI::App& noun, Front& front);
void add_machine(CLI::App& noun, Front& front);
void add_attestation(CLI::App& noun, Front& front);
void add_mds(CLI::App& noun, Front& front);
void add_sign_in(CLI::App& noun, Front& front);
void add_policy(CLI::App& noun, Front& front);
void add_ca(CLI::App& noun, Front& front);
void add_bootstrap(CLI::App& noun, Front& front);
void add_demo(CLI::App& noun, Front& front);

struct Noun {
  std::string_view name;
  std::string_view about;
  void (*add)(CLI::App& noun, Front& front);
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
