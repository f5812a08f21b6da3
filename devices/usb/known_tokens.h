// SPDX-License-Identifier: Apache-2.0
// The one table of tokens that we know by their USB ids. The udev rules are generated from it. A
// FIDO token that is not in it works all the same where the system gives access to it (systemd's
// own rules do so on a seat).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devices/protocol/device.h"

namespace countersign::devices::usb {

enum class Quirk {
  none,
  yubikey,  // bcdDevice is the firmware, and tells the generation: 5 and later speak FIDO2, earlier
            // ones U2F
  bcd_firmware,  // bcdDevice is the firmware
};

// What product ids promise; what is really there, the interfaces say.
enum Interfaces : std::uint8_t { fido = 1, otp = 2, ccid = 4 };

struct KnownToken {
  std::uint16_t vendor;
  std::uint16_t product;
  std::string_view model;
  std::uint8_t interfaces;  // of Interfaces
  Quirk quirk = Quirk::none;
  bool u2f_only = false;
};

[[nodiscard]] std::span<const KnownToken> known_tokens();  // by vendor, then product
[[nodiscard]] const KnownToken* find_known(std::uint16_t vendor, std::uint16_t product);

// "5.4.3" of a YubiKey's bcdDevice 0x0543; empty where it has no meaning.
[[nodiscard]] std::string firmware_of(const KnownToken& token, std::uint16_t bcd_device);
// The model as the firmware tells it: "YubiKey 5" where the product id is the YubiKey 4's.
[[nodiscard]] std::string model_of(const KnownToken& token, std::uint16_t bcd_device);
// What the FIDO interface speaks.
[[nodiscard]] std::vector<Capability> fido_capabilities(const KnownToken* token,
                                                        std::uint16_t bcd_device);

}  // namespace countersign::devices::usb
