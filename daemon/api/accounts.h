// SPDX-License-Identifier: Apache-2.0
// Wire types of what the account phase of PAM asks.
#pragma once

#include <string>

#include "daemon/api/field.h"

namespace countersign::api {

struct AccountRef {
  std::string login;
  static Fields fields() {
    return {Field{"login", &AccountRef::login, "Unix name of the account", 256}};
  }
};

struct AccountState {
  bool suspended = false;
  static Fields fields() {
    return {Field{"suspended", &AccountState::suspended,
                  "The user whose login it is must not sign in; false as well when there is none"}};
  }
};

}  // namespace countersign::api
