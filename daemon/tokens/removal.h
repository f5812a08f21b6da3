// SPDX-License-Identifier: Apache-2.0
// Somebody signed in with a token and takes it along: whose, and in which login session. Not about
// any token that goes, only about one that a verification came from.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/http/process.h"
#include "daemon/tokens/directory.h"

namespace countersign::tokens {

// Loop thread only.
class Removal {
 public:
  struct Gone {
    std::string user;
    std::string session;  // of the session manager; empty: the caller was in none (yet)
    std::string device;   // its id, as `device list` had it
    std::string model;
  };
  using Act = std::function<void(const Gone&)>;

  // act: once for each user and session, when the token is gone.
  Removal(Directory& directory, Act act) : directory_(directory), act_(std::move(act)) {}

  // This user was verified by this token, for this process. Watched from here on, until it is gone.
  void used(const devices::Device& device, std::string user, const http::Process* caller);

 private:
  struct Held {
    devices::Device device;
    Gone gone;
  };
  void look();

  Directory& directory_;
  Act act_;
  std::vector<Held> held_;
  std::shared_ptr<void> watching_;  // while something is held
};

}  // namespace countersign::tokens
