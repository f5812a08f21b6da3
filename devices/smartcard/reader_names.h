// SPDX-License-Identifier: Apache-2.0
// What the name that pcscd gives a reader tells of it: "Yubico YubiKey OTP+FIDO+CCID 00 00". Others
// may name theirs as they like: it is for lists and advisories, never for trust.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace countersign::devices::smartcard {

// For an id: at most the last 40 characters, because the number that tells two readers apart is at
// the end. "virtual-pcd-00-00".
[[nodiscard]] std::string id_of_reader(std::string_view name);
// Without the numbers that pcscd puts behind it, and safe to show.
[[nodiscard]] std::string model_of_reader(std::string name);

// The USB ids of a token that is a reader and its card in one; 0000:0000 for any other. YubiKeys 4
// and 5, by their interfaces.
struct UsbIds {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  bool operator==(const UsbIds&) const = default;
};
[[nodiscard]] UsbIds usb_ids_of_reader(std::string_view name);

}  // namespace countersign::devices::smartcard
