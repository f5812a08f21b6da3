// SPDX-License-Identifier: Apache-2.0
// Wire types of what PAM asks about an account besides its sign-ins.
#pragma once

#include <string>
#include <vector>

#include "daemon/api/codec/field.h"

namespace countersign::api {

struct AccountRef {
  std::string login;
  static Fields fields() {
    return {Field{"login", &AccountRef::login, "Unix name of the account", 256}};
  }
};

struct AccountState {
  bool suspended = false;
  std::vector<int> code_digits = {6};
  static Fields fields() {
    return {Field{"suspended", &AccountState::suspended,
                  "Whether the user with this login is suspended; false if there is no such user"},
            Field{"code_digits", &AccountState::code_digits,
                  "How many digits the codes of their apps and tokens have, for programs with one "
                  "field; 6 when there are none"}};
  }
};

}  // namespace countersign::api
