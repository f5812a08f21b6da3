// SPDX-License-Identifier: Apache-2.0
// The slots as an application of a card: the frames' payloads as APDUs (00 01 COMMAND 00), the
// status as 00 03 00 00.
#pragma once

#include "devices/virtual/card/base/applet.h"
#include "devices/virtual/yubikey/key.h"

namespace countersign::virtual_yubikey {

class OtpApplet final : public virtual_card::Applet {
 public:
  OtpApplet(virtual_token::LockedFile file, State remembered)
      : key_(std::move(file), std::move(remembered)) {}

  [[nodiscard]] BytesView aid() const override;
  [[nodiscard]] virtual_card::Response select() override;
  void deselect() override { key_.power_up(); }
  [[nodiscard]] bool wants_touch(const virtual_card::Command& command,
                                 virtual_card::Moment now) const override;
  [[nodiscard]] virtual_card::Response handle(const virtual_card::Command& command,
                                              virtual_card::Moment now) override;

 private:
  Key key_;
};

}  // namespace countersign::virtual_yubikey
