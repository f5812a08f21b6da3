// SPDX-License-Identifier: Apache-2.0
// From a state folder to a store that is ready: root key, data keys, audit key, clock baseline.
#pragma once

#include <memory>
#include <string>

#include "core/base/time.h"
#include "core/crypto/signer.h"
#include "core/crypto/vault.h"
#include "core/engine/clock_guard.h"
#include "daemon/config/config.h"
#include "daemon/store/sqlite_store.h"

namespace countersign {

struct OpenStore {
  std::unique_ptr<crypto::Vault> vault;
  std::shared_ptr<const crypto::Signer> signer;
  std::unique_ptr<SqliteStore> store;
  Change at_start;  // to be committed once dones can be delivered; empty as a rule
  Time latest{};    // of the newest recorded event
  std::optional<ClockBaseline> baseline;
  std::int64_t floor = 0;  // engine::OneTimeFloor
  webauthn::RelyingParty rp;
  bool created = false;
};

// Creates the store and its parent folder if they do not exist: demo when asked for, else
// production. The root key is, in this order: the configured file, systemd's credential "root-key",
// FOLDER.key (made with a new store, never otherwise).
[[nodiscard]] Result<OpenStore> open_store(const std::string& folder, bool demo,
                                           const Config& config, Random& random, Deliver deliver);

}  // namespace countersign
