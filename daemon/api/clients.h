// SPDX-License-Identifier: Apache-2.0
// The wire types of /v1/clients: programs that ask by Yubico's validation protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct ClientAdd {
  std::string name;
  static Fields fields() { return {Field{"name", &ClientAdd::name, "What it is, e.g. vpn", 64}}; }
};

struct ClientView {
  std::int64_t id = 0;
  std::string name;
  Time created{};
  bool revoked = false;
  std::optional<Secret> key;
  static Fields fields() {
    return {Field{"id", &ClientView::id, "The number that it names itself by"},
            Field{"name", &ClientView::name, "What it is"},
            Field{"created", &ClientView::created, "When it was added"},
            Field{"revoked", &ClientView::revoked, "It is refused"},
            Field{"key", &ClientView::key,
                  "Key of its signatures (HMAC-SHA1), base64; shown once, when it is added"}};
  }
};

struct ClientList {
  std::vector<ClientView> clients;
  static Fields fields() {
    return {Field{"clients", &ClientList::clients, "All of them, revoked ones too"}};
  }
};

struct ClientRef {
  std::int64_t id = 0;
  static Fields fields() { return {Field{"id", &ClientRef::id, "Number of the client"}}; }
};

}  // namespace countersign::api
