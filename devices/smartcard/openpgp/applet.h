// SPDX-License-Identifier: Apache-2.0
// The OpenPGP application's commands as far as signing in needs them (OpenPGP card application 3.4
// §7).
#pragma once

#include "devices/smartcard/base/apdu.h"
#include "devices/smartcard/openpgp/application_data.h"

namespace countersign::devices::smartcard::openpgp {

inline constexpr std::array<Byte, 6> application = {0xD2, 0x76, 0x00, 0x01, 0x24, 0x01};
inline constexpr std::int64_t shortest_pin = 6;

// For one turn. Each answer is the card's; a Loss is the turn's end.
class Applet {
 public:
  explicit Applet(Apdus& apdus) : apdus_(apdus) {}

  // False: there is no such application.
  [[nodiscard]] std::expected<bool, Loss> select();
  [[nodiscard]] std::expected<Result<ApplicationData>, Loss> application_data();
  [[nodiscard]] std::expected<Result<Bytes>, Loss> authentication_key(const AuthenticationKey& key);

  [[nodiscard]] std::expected<Status, Loss> verify_user(
      const Secret& pin);  // PW1, mode 82: for anything but signing
  [[nodiscard]] std::expected<Status, Loss> forget_user();
  [[nodiscard]] std::expected<Status, Loss> change_user(const Secret& current, const Secret& fresh);
  [[nodiscard]] std::expected<Status, Loss> unblock_user(const Secret& resetting_code,
                                                         const Secret& fresh);
  [[nodiscard]] std::expected<Status, Loss> verify_admin(const Secret& pin);
  [[nodiscard]] std::expected<Status, Loss> terminate_and_activate();

  // INTERNAL AUTHENTICATE: a signature over what to_sign made. ECDSA's is r || s.
  [[nodiscard]] std::expected<Response, Loss> authenticate(BytesView input);

 private:
  Apdus& apdus_;
};

}  // namespace countersign::devices::smartcard::openpgp
