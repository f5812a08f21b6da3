// SPDX-License-Identifier: Apache-2.0
// What the import helper says of one line of a users' CSV file (core/formats/users_csv.h): a user,
// why it is refused, or that the file ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/user.h"
#include "daemon/api/codec/field.h"

namespace countersign::cli {

struct UserLine {
  std::optional<std::int64_t> line, rows, refused_rows;
  std::optional<std::string> name, display_name, audience, location, phone, email, login, refused,
      error;
  std::optional<Role> role;
  std::optional<bool> end;
  std::optional<std::vector<std::string>> passed_over;
  static api::Fields fields() {
    return {api::Field{"line", &UserLine::line, ""},
            api::Field{"name", &UserLine::name, ""},
            api::Field{"display_name", &UserLine::display_name, ""},
            api::Field{"audience", &UserLine::audience, ""},
            api::Field{"location", &UserLine::location, ""},
            api::Field{"phone", &UserLine::phone, ""},
            api::Field{"email", &UserLine::email, ""},
            api::Field{"role", &UserLine::role, ""},
            api::Field{"login", &UserLine::login, ""},
            api::Field{"refused", &UserLine::refused, "", 4096},
            api::Field{"error", &UserLine::error, "", 4096},
            api::Field{"end", &UserLine::end, ""},
            api::Field{"rows", &UserLine::rows, ""},
            api::Field{"refused_rows", &UserLine::refused_rows, ""},
            api::Field{"passed_over", &UserLine::passed_over, ""}};
  }
};

}  // namespace countersign::cli
