// SPDX-License-Identifier: Apache-2.0
// What a CTAP command ends with (CTAP 2.1 §8.2): the first octet of every answer to CTAPHID_CBOR.
#pragma once

#include <expected>

#include "core/base/bytes.h"

namespace countersign::virtual_key {

enum class Status : Byte {
  ok = 0x00,
  invalid_command = 0x01,
  invalid_parameter = 0x02,
  invalid_length = 0x03,
  cbor_unexpected_type = 0x11,
  invalid_cbor = 0x12,
  missing_parameter = 0x14,
  limit_exceeded = 0x15,
  credential_excluded = 0x19,
  unsupported_algorithm = 0x26,
  operation_denied = 0x27,
  key_store_full = 0x28,
  unsupported_option = 0x2b,
  invalid_option = 0x2c,
  keepalive_cancel = 0x2d,
  no_credentials = 0x2e,
  user_action_timeout = 0x2f,
  not_allowed = 0x30,
  pin_invalid = 0x31,
  pin_blocked = 0x32,
  pin_auth_invalid = 0x33,
  pin_auth_blocked = 0x34,
  pin_not_set = 0x35,
  puat_required = 0x36,
  pin_policy_violation = 0x37,
  uv_blocked = 0x3c,
  integrity_failure = 0x3d,
  invalid_subcommand = 0x3e,
  uv_invalid = 0x3f,
  unauthorized_permission = 0x40,
  other = 0x7f,
};

// A part of a command, or the status that ends the whole command.
template <class T>
using Outcome = std::expected<T, Status>;

[[nodiscard]] inline std::unexpected<Status> refuse(Status status) {
  return std::unexpected(status);
}

}  // namespace countersign::virtual_key
