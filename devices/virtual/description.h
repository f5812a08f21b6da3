// SPDX-License-Identifier: Apache-2.0
// The small file beside a served socket, by which a directory of tokens finds the key: one JSON object.
#pragma once

#include <string>

#include "core/result.h"
#include "devices/virtual/state.h"

namespace countersign::virtual_key {

// SOCKET.json; it goes with this object.
class Description {
 public:
  [[nodiscard]] static Result<Description> write(const std::string& socket, const State& state);
  Description(Description&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Description& operator=(Description&&) = delete;
  ~Description();

 private:
  explicit Description(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace countersign::virtual_key
