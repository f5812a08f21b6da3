// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/pin_token.h"

#include <chrono>

#include "core/crypto/system_random.h"

namespace countersign::virtual_key {
namespace {

constexpr std::chrono::seconds initial_limit{30};  // to its first use, and for the user's presence
constexpr std::chrono::seconds usage_limit{600};   // in all

}  // namespace

void PinToken::grant(Grant grant, Moment now) {
  value_ = Secret(32);
  crypto::SystemRandom().fill(value_.expose_mutable());
  grant_ = std::move(grant);
  granted_at_ = now;
  used_ = false;
}

bool PinToken::in_use(Moment now) const {
  return grant_ && now - granted_at_ < (used_ ? usage_limit : initial_limit);
}

bool PinToken::user_present(Moment now) const {
  return grant_ && grant_->user_present && now - granted_at_ < initial_limit;
}

bool PinToken::authorizes(Permission permission, PinProtocol protocol, BytesView message,
                          BytesView signature, std::string_view rp_id, Moment now) {
  if (!in_use(now) || grant_->protocol != protocol ||
      !pin_verify(protocol, value_.expose(), message, signature))
    return false;
  if ((grant_->permissions & static_cast<Byte>(permission)) == 0) return false;
  if (!rp_id.empty()) {
    if (grant_->rp_id && *grant_->rp_id != rp_id) return false;
    grant_->rp_id = rp_id;
  }
  used_ = true;
  return true;
}

}  // namespace countersign::virtual_key
