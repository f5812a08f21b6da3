// SPDX-License-Identifier: Apache-2.0
// Imports: rows arrive in batches, each batch is one transaction, and nothing of it counts before
// the import is completed by one last commit (T44). A daemon that dies in between leaves nothing.
#pragma once

#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/administration/users.h"
#include "core/engine/context.h"
#include "core/policy/rights.h"

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

// The import as it stands, in a change's text: how many rows, and the digest over all of them.
[[nodiscard]] Result<ChangeParts> import_parts(Context& context, ImportId import);

// complete: all of it counts from now on, and rests on basis; otherwise none of it ever will.
// parts: as import_parts gave them when that was verified for: conflict when rows have come since.
struct FinishImport {
  Caller caller;
  ImportId import;
  bool complete = false;
  ChangeParts parts = {};
  Basis basis = {};
};
void finish_import(Context& context, FinishImport request, Then<std::monostate> then);

}  // namespace countersign::engine
