// SPDX-License-Identifier: Apache-2.0
// What the command line says about the key, and the key that comes of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "devices/virtual/key/key.h"
#include "devices/virtual/shared/person.h"

namespace countersign::virtual_key {

struct Setup {
  std::string profile;   // empty: pin
  std::string state;     // file; empty: in memory, gone with the program
  std::string pin_file;  // a PIN to set where none is set; its line end does not count
  std::string control;   // socket for control.h; empty: none
  Person person;
  std::vector<std::string> faults;
};

[[nodiscard]] Result<std::unique_ptr<Key>> make_key(const Setup& setup);

}  // namespace countersign::virtual_key
