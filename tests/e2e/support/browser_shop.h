// SPDX-License-Identifier: Apache-2.0
// A daemon, an application that asks it, and people with a browser.
#pragma once

#include <optional>
#include <string>

#include "tests/e2e/support/browser.h"

namespace countersign::test {

// One for a whole test program: it takes two seconds to start. Each test plugs in its own keys.
[[nodiscard]] Browser& browser();

class Shop : public House {
 public:
  // fido2: further lines of that section; origins: what the daemon takes for its own, a TOML list
  // (the application's).
  explicit Shop(const std::string& fido2 = {}, const std::optional<std::string>& origins = {});

  // Ceremonies of the page, see Browser::ceremony. page: the application's if it is not another
  // one.
  struct Ceremony {
    Json said;
    [[nodiscard]] Json options() const;  // what the daemon asked for
    [[nodiscard]] Json credential() const {
      return said.at("credential").as_object();
    }  // what the browser answered
    [[nodiscard]] std::string id() const;  // under which it was begun
    [[nodiscard]] Json judged()
        const;  // what the daemon said to the answer; it must have come so far
    [[nodiscard]] int status() const;  // of that
    [[nodiscard]] std::string outcome()
        const;  // "bound", "verified", the reason of a refusal, or the name of the browser's error
  };
  [[nodiscard]] Ceremony register_key(const Json& wanted, const Json& change = {},
                                      const std::optional<Page>& page = {}) const;
  [[nodiscard]] Ceremony sign_in(const Json& wanted, const Json& change = {},
                                 const std::optional<Page>& page = {}) const;
  // A credential must come of it.
  Ceremony bind(const Json& wanted, const Json& change = {}) const;
};

}  // namespace countersign::test
