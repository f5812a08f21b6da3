// SPDX-License-Identifier: Apache-2.0
// What a user would pick instead: Debian's google-authenticator and oath PAM modules, in an
// in-process PAM loop.
#pragma once

#include <string>

namespace countersign::bench {

struct Peer {
  std::string name;
  double rate = 0;  // durable verifications a second; 0: none could be measured
};

// The faster of what is installed, at the number of clients that suits it.
[[nodiscard]] Peer best_peer();

// PAM modules in that loop with one client: the faster of theirs, and ours with a daemon of its
// own.
struct Modules {
  Peer theirs;
  double ours = 0;
};
[[nodiscard]] Modules modules_alone();

}  // namespace countersign::bench
