// SPDX-License-Identifier: Apache-2.0
// What the command line says about a virtual YubiKey, the key that comes of it, and the two ways in
// which a host reaches it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "devices/virtual/transports/description.h"
#include "devices/virtual/transports/listener.h"
#include "devices/virtual/transports/run.h"
#include "devices/virtual/yubikey/interface.h"

namespace countersign::virtual_yubikey {

struct Setup {
  std::string state;     // file; empty: in memory, gone with the program
  std::string control;   // socket for `control`; empty: none
  std::string firmware;  // "5.4.3"; empty: what the state says
  virtual_key::Person person;
  std::vector<std::string> faults;
};

// The key with its interface.
struct Played {
  Key key;
  Interface interface;
  Played(virtual_token::LockedFile file, State state, virtual_key::Person person)
      : key(std::move(file), std::move(state)), interface(key, person) {}
};
[[nodiscard]] Result<std::unique_ptr<Played>> make_key(const Setup& setup);

// The control socket's commands: touch, deny, type [1|2], power-cycle, fault NAME[=N]. What `type`
// typed, else nothing.
[[nodiscard]] Result<std::string> obey(Played& played, std::string_view command);

struct SocketOptions {
  std::string socket;
  bool die_with_parent = false;
  virtual_key::Claim claim = {};
};

// On a SEQPACKET socket until SIGTERM or SIGINT. A packet of one octet, 0x01 (HID's GET_REPORT), is
// answered with a report of eight; one of nine octets is 0x09 (SET_REPORT) and a report. A
// connection that the key closes is a key pulled out.
[[nodiscard]] Result<void> serve(const Setup& setup, const SocketOptions& options);

// As a USB device of Yubico's ids that one program and its children see through usbfs, by umockdev.
// As run_program() of run.h.
[[nodiscard]] Result<int> run_program(const Setup& setup, const virtual_key::RunOptions& options);

}  // namespace countersign::virtual_yubikey
