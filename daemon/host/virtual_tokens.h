// SPDX-License-Identifier: Apache-2.0
// Software tokens at a demo daemon's side: countersign-virtual, one process each.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "daemon/base/child_process.h"

namespace countersign {

// The programs end with this object, and with the thread that started them.
class VirtualTokens {
 public:
  VirtualTokens() = default;
  ~VirtualTokens();
  VirtualTokens(const VirtualTokens&) = delete;
  VirtualTokens& operator=(const VirtualTokens&) = delete;

  // what: "KIND[:PROFILE],..." starts them, with sockets and state in FOLDER/virtual; or the path
  // of a folder where somebody else puts the sockets of such tokens.
  [[nodiscard]] Result<void> start(const std::string& what, const std::string& state_folder);

  [[nodiscard]] const std::string& folder() const {
    return folder_;
  }  // where the reader finds them; empty: nowhere

 private:
  [[nodiscard]] Result<void> start_one(const std::string& kind, const std::string& profile,
                                       std::size_t number);

  std::string folder_;
  std::vector<ChildProcess> running_;
};

// A program of ours, in the folder that this one is in.
[[nodiscard]] std::string program_beside_us(const std::string& name);

}  // namespace countersign
