// SPDX-License-Identifier: Apache-2.0
// What the command line says about the card, and the card that comes of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "devices/virtual/card/card.h"
#include "devices/virtual/shared/person.h"

namespace countersign::virtual_card {

struct Setup {
  std::string kind = "card";        // piv, openpgp, or card: both
  std::string profile = "yubikey";  // yubikey, plain, expired
  bool contactless = false;
  std::string state;  // file; empty: in memory, gone with the program
  std::string
      pin_file;         // the PIV PIN to set in place of the factory's; its line end does not count
  std::string control;  // socket for `control`; empty: none
  virtual_key::Person person;
  std::vector<std::string> faults;
};

[[nodiscard]] bool is_card(const std::string& kind);
[[nodiscard]] Result<std::unique_ptr<Card>> make_card(const Setup& setup);

}  // namespace countersign::virtual_card
