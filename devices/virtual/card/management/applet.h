// SPDX-License-Identifier: Apache-2.0
// YubiKey's management application, as far as it tells what the device is: `ykman info` asks it.
// Nothing can be configured.
#pragma once

#include <cstdint>

#include "devices/virtual/card/base/applet.h"

namespace countersign::virtual_card::management {

// Applications that YubiKeys number (Yubico's "Management application" page).
enum Capability : unsigned { openpgp = 0x08, piv = 0x10 };

class ManagementApplet final : public Applet {
 public:
  ManagementApplet(std::uint32_t serial, unsigned capabilities)
      : serial_(serial), capabilities_(capabilities) {}

  [[nodiscard]] BytesView aid() const override;
  [[nodiscard]] Response select() override;
  void deselect() override {}
  [[nodiscard]] Response handle(const Command& command, Moment now) override;

 private:
  std::uint32_t serial_;
  unsigned capabilities_;
};

}  // namespace countersign::virtual_card::management
