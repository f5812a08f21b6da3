// SPDX-License-Identifier: Apache-2.0
// The pinUvAuthToken (CTAP 2.1 §6.5.2.1): what a platform holds after a PIN or a finger, for how
// long, and for what.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "devices/virtual/key/ctaphid.h"
#include "devices/virtual/key/pin_protocol.h"

namespace countersign::virtual_key {

// §6.5.5.7, one bit each.
enum class Permission : Byte {
  make_credential = 0x01,
  get_assertion = 0x02,
  credential_management = 0x04,
  bio_enrollment = 0x08,
  authenticator_config = 0x20,
};

class PinToken {
 public:
  struct Grant {
    PinProtocol protocol;
    Byte permissions;
    std::optional<std::string> rp_id;
    bool user_present;  // a finger was on the sensor: counts as a touch for a while
  };
  // A fresh token; what was granted before is void.
  void grant(Grant grant, Moment now);
  void revoke() {
    grant_.reset();
  }  // also after a touch was consumed (§6.5.2.1): one touch, one ceremony
  [[nodiscard]] BytesView value() const { return value_.expose(); }

  // Whether signature is the token's over the message, of this protocol, with this permission, for
  // this relying party. A token that named none is bound to the first that it is used for. rp_id:
  // empty where the command has none.
  [[nodiscard]] bool authorizes(Permission permission, PinProtocol protocol, BytesView message,
                                BytesView signature, std::string_view rp_id, Moment now);
  // Whether the token is bound to a relying party at all.
  [[nodiscard]] bool bound() const { return grant_ && grant_->rp_id.has_value(); }

  [[nodiscard]] bool user_present(Moment now) const;

 private:
  [[nodiscard]] bool in_use(Moment now) const;

  std::optional<Grant> grant_;
  Secret value_;
  Moment granted_at_{};
  bool used_ = false;
};

}  // namespace countersign::virtual_key
