// SPDX-License-Identifier: Apache-2.0
// Wire types of exports: secrets that another server is to know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct KeyExport {
  std::optional<std::string> user, serial, after;
  static Fields fields() {
    return {Field{"user", &KeyExport::user, "Only of this user", 128},
            Field{"serial", &KeyExport::serial, "Only with this serial", 64},
            Field{"after", &KeyExport::after,
                  "Only those behind this id: what the last answer calls next", 64}};
  }
};

struct ExportedKey {
  std::string authenticator, user, serial, public_id;
  Secret private_id, key;
  Time created{};
  static Fields fields() {
    return {Field{"authenticator", &ExportedKey::authenticator, "Its id"},
            Field{"user", &ExportedKey::user, "Whose it is; empty: nobody's yet"},
            Field{"serial", &ExportedKey::serial, "As it is known here"},
            Field{"public_id", &ExportedKey::public_id, "Modhex"},
            Field{"private_id", &ExportedKey::private_id, "Hexadecimal"},
            Field{"key", &ExportedKey::key, "AES-128, hexadecimal"},
            Field{"created", &ExportedKey::created, "When it was bound or imported"}};
  }
};

struct ExportedKeys {
  std::vector<ExportedKey> keys;
  std::optional<std::string> next;
  static Fields fields() {
    return {Field{"keys", &ExportedKeys::keys, "YubiKeys' slots"},
            Field{"next", &ExportedKeys::next, "There may be more behind this id"}};
  }
};

}  // namespace countersign::api
