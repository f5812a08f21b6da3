// SPDX-License-Identifier: Apache-2.0
// The card in a reader: on a listening Unix socket where the peer plays the virtual reader driver,
// or connected to that driver.
#pragma once

#include <string>

#include "core/base/result.h"
#include "devices/virtual/transports/card_setup.h"
#include "devices/virtual/transports/description.h"

namespace countersign::virtual_card {

struct SocketOptions {
  std::string socket;
  bool die_with_parent = false;
  virtual_key::Claim claim = {};
};

// Until SIGTERM or SIGINT; prints one line when it is ready. One peer at a time: another one waits.
// A stream that the peer ends is power off. While the card is pulled out (control, fault), neither
// the socket nor its description is there.
[[nodiscard]] Result<void> serve(const Setup& setup, const SocketOptions& options);

struct DriverOptions {
  std::string host;  // a name or an address
  std::string port;
  bool die_with_parent = false;
};

// In the virtual reader that listens there (pcscd with vpcd: 35963, the second reader 35964). Where
// none listens, and when it goes away, it is looked for again five times a second.
[[nodiscard]] Result<void> connect_to_driver(const Setup& setup, const DriverOptions& options);

}  // namespace countersign::virtual_card
