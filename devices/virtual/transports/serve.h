// SPDX-License-Identifier: Apache-2.0
// The key on a listening socket: a connection is an opened key, a packet is a report of 64 octets.
#pragma once

#include <string>

#include "core/base/result.h"
#include "devices/virtual/transports/description.h"
#include "devices/virtual/transports/key_setup.h"

namespace countersign::virtual_key {

struct ServeOptions {
  std::string socket;
  bool die_with_parent = false;
  Claim claim = {};
};

// Until SIGTERM or SIGINT. Prints one line when it is ready. Who connects while another has the key
// waits for its end; a connection that the key closes is a key pulled out, and the next connection
// is the key plugged in again.
[[nodiscard]] Result<void> serve(const Setup& setup, const ServeOptions& options);

}  // namespace countersign::virtual_key
