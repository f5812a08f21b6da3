// SPDX-License-Identifier: Apache-2.0
// Imports: rows arrive in batches, each batch is one transaction, and nothing of it counts before the import is
// completed by one last commit (T44). A daemon that dies in between leaves nothing.
#pragma once

#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/users.h"

namespace countersign::engine {

// A token as a file describes it; core/formats makes these.
struct ImportedToken {
  std::string user;  // empty: into stock
  std::string serial;
  std::string label;
  Kind kind = Kind::totp;  // totp, hotp or yubico-otp
  Bytes handle;            // yubico-otp: the public id
  OathParameters oath;
  std::int64_t counter = 0;  // HOTP
  std::int64_t drift = 0;    // TOTP, in steps
  Secret secret;
};

void begin_import(Context& context, Caller caller, Then<ImportId> then);

struct ImportTokens {
  Caller caller;
  ImportId import;
  std::vector<ImportedToken> tokens;
};
struct ImportedBatch {
  std::size_t accepted = 0;
  std::vector<RowRefused> refused;  // these are left out, the others are taken
};
void import_tokens(Context& context, ImportTokens request, Then<ImportedBatch> then);

// complete: all of it counts from now on; otherwise none of it ever will.
void finish_import(Context& context, Caller caller, ImportId import, bool complete, Then<std::monostate> then);

}  // namespace countersign::engine
