// SPDX-License-Identifier: Apache-2.0
// What holds for every way to a YubiKey's slots, whatever the transport.
#pragma once

#include <functional>
#include <memory>

#include "devices/yubikey/slots.h"

namespace countersign::test {

// One key, empty when the suite begins.
struct SlotRig {
  std::function<std::unique_ptr<devices::yubikey::Channel>()> open;
  std::function<void(const std::string&)> control;  // "fault stuck", "touch"
  bool reports = true;                              // faults of reports can be had
};

// All of it, on this one key.
void hold_slot_contract(const SlotRig& rig);

}  // namespace countersign::test
