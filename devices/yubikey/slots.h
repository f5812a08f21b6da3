// SPDX-License-Identifier: Apache-2.0
// The two slots of a YubiKey: what can be read of them, challenge and response, and writing them.
#pragma once

#include "core/base/secret.h"
#include "core/slot_kind.h"
#include "devices/yubikey/channel.h"

namespace countersign::devices::yubikey {

// The secret parts of a configuration in one piece, as they are handed about: fixed part 16,
// private id 6, key 16, access code to set 6, access code that holds now 6 (zeros: none). An HMAC
// or OATH key has 20 octets: the key's 16, then the first four of the private id's.
constexpr std::size_t secret_size = 16 + 6 + 16 + access_code_size + access_code_size;

struct Writing {
  SlotKind kind = SlotKind::hmac;
  bool touch = false;          // hmac: a person has to touch it for each response
  bool append_return = true;   // types Return behind it
  bool serial_visible = true;  // the serial number can be asked for (serial API)
  int fixed_size = 0;          // yubico_otp, hotp: octets of the fixed part, at most 16
  bool eight_digits = false;   // hotp
};

// The 58 octets of a write: the configuration with its checksum, then the access code that holds
// now.
[[nodiscard]] Secret payload_of(const Writing& writing, const Secret& secrets);

// One thread, apart from cancel().
class Slots {
 public:
  explicit Slots(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

  [[nodiscard]] std::expected<SlotsInfo, Loss> describe();
  // HMAC-SHA1 (RFC 2104) of the challenge under the slot's key, 20 octets. challenge: 1 to 63
  // octets, the last one not zero: keys take padding off, and 64 octets would be told apart by
  // their configuration.
  [[nodiscard]] std::expected<Bytes, Loss> respond(int slot, BytesView challenge,
                                                   const Deadline& deadline,
                                                   const std::function<void()>& wants_touch);
  // refused: another access code protects the slot, or the firmware can't do that kind.
  [[nodiscard]] std::expected<SlotsInfo, Loss> write(int slot, const Writing& writing,
                                                     const Secret& secrets,
                                                     const Deadline& deadline);
  [[nodiscard]] std::expected<SlotsInfo, Loss> erase(int slot, const Secret& access_code,
                                                     const Deadline& deadline);
  [[nodiscard]] std::expected<SlotsInfo, Loss> swap(const Secret& access_code,
                                                    const Deadline& deadline);

  [[nodiscard]] Channel& channel() { return *channel_; }

 private:
  [[nodiscard]] std::expected<SlotsInfo, Loss> info_after(
      const std::expected<Status, Loss>& status);
  std::unique_ptr<Channel> channel_;
};

}  // namespace countersign::devices::yubikey
