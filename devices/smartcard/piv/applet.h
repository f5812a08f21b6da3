// SPDX-License-Identifier: Apache-2.0
// The PIV application's commands (SP 800-73-4 Part 2), and the few of Yubico's that tell a
// firmware's version, a serial and policies.
#pragma once

#include <optional>
#include <string>

#include "devices/smartcard/base/apdu.h"
#include "devices/smartcard/base/public_key_info.h"
#include "devices/smartcard/piv/objects.h"

namespace countersign::devices::smartcard::piv {

// Yubico's GET METADATA, where the card has it.
struct Metadata {
  Byte pin_policy = 0;    // 0: the slot's own, 1 never, 2 once, 3 always
  Byte touch_policy = 0;  // 0: the slot's own, 1 never, 2 always, 3 cached
  std::optional<int> tries;
};

// PINs and PUKs on the wire: 8 octets, padded with FF (Part 2 §3.2.1). Nothing: no PIV card takes
// it (T17).
[[nodiscard]] std::optional<Secret> padded_pin(BytesView pin);
inline constexpr std::int64_t shortest_pin = 6;

// For one turn. Each answer is the card's; a Loss is the turn's end.
class Applet {
 public:
  explicit Applet(Apdus& apdus) : apdus_(apdus) {}

  // False: there is no such application.
  [[nodiscard]] std::expected<bool, Loss> select();

  [[nodiscard]] std::expected<std::optional<std::string>, Loss>
  version();  // Yubico's firmware: "5.4.3"
  [[nodiscard]] std::expected<std::optional<std::string>, Loss> serial();  // Yubico's, decimal
  [[nodiscard]] std::expected<std::optional<Metadata>, Loss> metadata(Byte reference);
  [[nodiscard]] std::expected<Result<Bytes>, Loss> object(
      std::uint32_t tag);  // as GET DATA gives it; not_found: it is not there

  // Which reference the PIN has: 80, or 00 where the card prefers its global one.
  [[nodiscard]] std::expected<Byte, Loss> pin_reference();
  // Tries left, by an empty VERIFY: no try is spent. Nothing: the card does not say, because it is
  // verified already (T30) or can't.
  [[nodiscard]] std::expected<std::optional<int>, Loss> tries(Byte reference);
  [[nodiscard]] std::expected<Status, Loss> verify(Byte reference, const Secret& padded);
  [[nodiscard]] std::expected<Status, Loss> forget_verification(Byte reference);
  [[nodiscard]] std::expected<Status, Loss> change(Byte reference, const Secret& current,
                                                   const Secret& fresh);
  [[nodiscard]] std::expected<Status, Loss> unblock(Byte reference, const Secret& puk,
                                                    const Secret& fresh);
  [[nodiscard]] std::expected<Status, Loss> reset();  // Yubico's; PIN and PUK have to be blocked

  // GENERAL AUTHENTICATE: the signature over what to_sign_padded made; ECDSA's as DER. Empty when
  // the answer holds none.
  [[nodiscard]] std::expected<Response, Loss> sign(Byte reference, KeyType type, BytesView input);

 private:
  [[nodiscard]] std::expected<Status, Loss> send_two(const Command& head, const Secret& first,
                                                     const Secret& second);

  Apdus& apdus_;
};

}  // namespace countersign::devices::smartcard::piv
